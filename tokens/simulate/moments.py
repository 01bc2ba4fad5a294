"""Stretches of time, and when people at desks do things. Instants are microseconds since 1970 in UTC."""

from datetime import date

from tokens.simulate.dice import Dice

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

PACIFIC_STANDARD = 8 * HOUR
OFFICE_OPENS = 8 * HOUR + PACIFIC_STANDARD
OFFICE_HOURS = 9 * HOUR
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
THURSDAY = 3


def business_day(at: int) -> date:
    """The date that a clerk on the Pacific coast writes on a document.

    Standard time all year: the midnight of that date is then never after the instant itself, summer included.
    """
    return date.fromordinal(EPOCH_ORDINAL + (at - PACIFIC_STANDARD) // DAY)


def office_moment(dice: Dice, at: int, earliest: int) -> int:
    """An instant in office hours of that day, or of the Friday before a weekend; whole seconds.

    Never before `earliest`, whatever the hour: what follows from something must not come before it.
    """
    day = (at - PACIFIC_STANDARD) // DAY
    weekday = (day + THURSDAY) % 7
    day -= max(0, weekday - 4)
    return max(earliest, day * DAY + OFFICE_OPENS + dice.whole(0, OFFICE_HOURS // SECOND) * SECOND)
