"""Instants to local dates and back, in one zone.

An instant is an `int`: microseconds since 1970-01-01T00:00:00Z. Zones come from the pinned `tzdata` package
alone, never from the machine, so that two workers cannot disagree about a midnight.
"""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

import tzdata

zoneinfo.reset_tzpath(to=())

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
DAY_MICROSECONDS = 86_400_000_000
EPOCH_ORDINAL = EPOCH.toordinal()
TIME_ZONE_DATA_VERSION: str = tzdata.IANA_VERSION


class Calendar:
    """The local dates of one IANA zone. Raises `ValueError` for a zone that the database does not know."""

    def __init__(self, zone_name: str) -> None:
        try:
            self._zone = zoneinfo.ZoneInfo(zone_name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"no time zone is called {zone_name!r}; give an IANA name such as America/Los_Angeles"
            ) from error
        self.zone_name = zone_name
        self.midnight = lru_cache(maxsize=100_000)(self._midnight)
        self.offset_through = lru_cache(maxsize=100_000)(self._offset_through_day)

    def local_date(self, instant: int) -> date:
        """The date on a local wall calendar at an instant (microseconds)."""
        offset = self.offset_through(instant // DAY_MICROSECONDS)
        if offset is None:
            offset = self._offset(instant)
        return date.fromordinal((instant + offset) // DAY_MICROSECONDS + EPOCH_ORDINAL)

    def _offset(self, instant: int) -> int:
        """How far (microseconds) local wall clocks are ahead of UTC at an instant."""
        offset = (EPOCH + timedelta(microseconds=instant)).astimezone(self._zone).utcoffset()
        assert offset is not None
        return offset // MICROSECOND

    def offsets(self, first: int, last: int) -> list[tuple[int, int]]:
        """How far (microseconds) local wall clocks are ahead of UTC: at `first`, and from each instant on, up to
        `last`, at which that changes.
        """
        found = [(first, self._offset(first))]
        reached = first
        while reached < last:
            following = min(reached + DAY_MICROSECONDS, last)
            ahead = self._offset(following)
            if ahead != found[-1][1]:
                before, at = reached, following
                while at - before > 1:
                    middle = (before + at) // 2
                    before, at = (before, middle) if self._offset(middle) == ahead else (middle, at)
                found.append((at, ahead))
            reached = following
        return found

    def _offset_through_day(self, day: int) -> int | None:
        """The offset that holds all through a day since 1970 in UTC, None where clocks change within it."""
        start = day * DAY_MICROSECONDS
        offset = self._offset(start)
        return offset if offset == self._offset(start + DAY_MICROSECONDS - 1) else None

    def _midnight(self, day: date) -> int:
        """The first instant (microseconds) of a local date.

        Where clocks jump over 00:00, that is the instant of the jump; where 00:00 comes twice, the first.
        """
        wall = datetime(day.year, day.month, day.day, tzinfo=self._zone)
        instant = (wall.astimezone(UTC) - EPOCH) // MICROSECOND
        if self.local_date(instant) == day and self.local_date(instant - 1) < day:
            return instant
        before, reached = instant - 2 * DAY_MICROSECONDS, instant + 2 * DAY_MICROSECONDS
        while reached - before > 1:
            middle = (before + reached) // 2
            if self.local_date(middle) >= day:
                reached = middle
            else:
                before = middle
        return reached


def plus_years(day: date, years: int) -> date:
    """A date some years on, in one step; 29 February becomes the 28th where that year has none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
