"""Instants as whole microseconds since 1970-01-01T00:00:00Z, by arithmetic on the written digits."""

import datetime
import re

SECOND = 1_000_000
DAY = 24 * 60 * 60 * SECOND

_RFC_3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_DAY_OF_1970 = datetime.date(1970, 1, 1).toordinal()


def instant(text: str) -> int:
    """Microseconds since 1970 in UTC; digits finer than a microsecond are cut off."""
    match = _RFC_3339.fullmatch(text)
    if match is None:
        raise ValueError(f"not an RFC 3339 instant with a zone: {text!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, sign, zone_hours, zone_minutes = match.groups()[6:]
    days = datetime.date(year, month, day).toordinal() - _DAY_OF_1970
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    if sign:
        ahead = (int(zone_hours) * 60 + int(zone_minutes)) * 60
        seconds += -ahead if sign == "+" else ahead
    return seconds * SECOND + int((fraction or "0").ljust(6, "0")[:6])


def date(text: str) -> datetime.date:
    """A plain date, `YYYY-MM-DD`."""
    return datetime.date.fromisoformat(text)


def written(microseconds: int) -> str:
    """The instant in UTC, `2026-03-02T07:00:00Z`, with six digits of a second where it is not whole."""
    days, of_day = divmod(microseconds, DAY)
    seconds, fraction = divmod(of_day, SECOND)
    day = datetime.date.fromordinal(days + _DAY_OF_1970)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{day.isoformat()}T{clock}{f'.{fraction:06}' if fraction else ''}Z"
