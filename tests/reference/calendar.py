"""Local dates and their midnights in one IANA zone, from the time-zone data of the `tzdata` package."""

import datetime
import functools
import importlib.resources
import zoneinfo

from tests.reference.instants import DAY, SECOND

_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MINUTE = 60 * SECOND
_HOUR = 60 * _MINUTE


def _zone(name: str) -> zoneinfo.ZoneInfo:
    with importlib.resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as data:
        return zoneinfo.ZoneInfo.from_file(data, key=name)


@functools.cache
def calendar_of(zone: str) -> "Calendar":
    """The calendar of a zone, one for all: its midnights are worked out once."""
    return Calendar(zone)


class Calendar:
    """What the clock on the wall of a zone says."""

    def __init__(self, zone: str) -> None:
        self.zone = _zone(zone)
        self._midnights: dict[datetime.date, int] = {}

    def local_date(self, instant: int) -> datetime.date:
        """The local date at an instant."""
        return (_EPOCH + datetime.timedelta(microseconds=instant)).astimezone(self.zone).date()

    def midnight(self, date: datetime.date) -> int:
        """The first instant of the local date; of a date that the zone left out, the first instant after it.

        Walks minute by minute from before the date has begun anywhere on earth: no zone of these years has
        changed its clocks within a minute, and clocks put forward at midnight need no thought this way.
        """
        if date in self._midnights:
            return self._midnights[date]
        instant = (date - _EPOCH.date()).days * DAY - 15 * _HOUR
        while self.local_date(instant) < date:
            instant += _MINUTE
        self._midnights[date] = instant
        return instant
