"""When a token's term starts and ends."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import msgspec

from lifecycle.calendar import Calendar, plus_years
from lifecycle.facts import Activated, Activation, Applied, OrderVersion
from lifecycle.places import Stays
from lifecycle.subjects import Station


class Start(msgspec.Struct, frozen=True, gc=False):
    """The instant at which a term started (microseconds), and the facts that made it so."""

    instant: int
    application: Applied | None
    activation: Activation | Activated


class Term(msgspec.Struct, frozen=True, gc=False):
    """A term. `ends_at` is the midnight after the expiration date, which is covered in full."""

    start: Start | None
    activation_date: date | None
    expiration_date: date | None
    ends_at: int | None


NOT_STARTED = Term(None, None, None, None)


def term_of(
    stays: Stays,
    activations: Sequence[Activated],
    stations: Mapping[str, Station],
    version: OrderVersion | None,
    calendar: Calendar,
) -> Term:
    """The term: its start is the earliest candidate, its end follows from the plan's years where known."""
    start: Start | None = None
    for application in stays.applications:
        first = stations[application.fact.station_serial].first
        if first is None:
            continue
        instant = max(application.fact.instant, first.activated_at)
        if application.starts_at is not None and application.starts_at > instant:
            instant = application.starts_at
        if application.until is not None and instant >= application.until:
            continue
        if start is None or instant < start.instant:
            start = Start(instant, application.fact, first)
    for activation in activations:
        if stays.station_at(activation.instant) != activation.station_serial and (
            start is None or activation.instant < start.instant
        ):
            start = Start(activation.instant, None, activation)
    if start is None:
        return NOT_STARTED
    activation_date = calendar.local_date(start.instant)
    if version is None:
        return Term(start, activation_date, None, None)
    expiration_date = plus_years(activation_date, version.term_years)
    return Term(
        start, activation_date, expiration_date, calendar.midnight(expiration_date + timedelta(days=1))
    )
