"""The months in which expirations are counted, and the filters that select one of them."""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

MONTHS = 24

_DAY = timedelta(days=1)


class Month(NamedTuple):
    """A month of the calendar by its first and its last day."""

    first: date
    last: date

    def __str__(self) -> str:
        return self.first.isoformat()[:7]


def months_from(today: date) -> tuple[Month, ...]:
    """The month of that day, whole, and those that follow: `MONTHS` of them, fewer where the year 9999 ends."""
    begin = today.year * 12 + today.month - 1
    end = min(begin + MONTHS, (date.max.year + 1) * 12)
    return tuple(_month(*divmod(number, 12)) for number in range(begin, end))


def thresholds(months: tuple[Month, ...]) -> list[date]:
    """The first day of each month, and the day after the last one where there is such a day."""
    end = months[-1].last
    return [month.first for month in months] + ([] if end == date.max else [end + _DAY])


def filters_of(column: str, first: date, last: date) -> tuple[str, ...]:
    """The filters that a date from `first` to `last` passes, both included, and no other."""
    after = () if first == date.min else (f"{column}:after:{first - _DAY}",)
    before = () if last == date.max else (f"{column}:before:{last + _DAY}",)
    return (*after, *before)


def _month(year: int, index: int) -> Month:
    return Month(date(year, index + 1, 1), date(year, index + 1, monthrange(year, index + 1)[1]))
