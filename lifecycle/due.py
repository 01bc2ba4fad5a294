"""When a token must be looked at again without any event: stages that only time brings, and expiring notices."""

from datetime import timedelta

import msgspec

from lifecycle.calendar import Calendar
from lifecycle.fold import History
from lifecycle.stages import EXPIRED, GONE

NOTICE_DAYS = (90, 60, 30, 7)
"""How many days before a term's end a notice is due, at the midnight; the later ones replace the earlier."""


class Due(msgspec.Struct, frozen=True, gc=False):
    """What is due of a token at an instant.

    `days_left` is the smallest notice due by then, None for none; `next_at` the next instant (microseconds) at which
    something changes, None where nothing ever does.
    """

    days_left: int | None
    next_at: int | None


def due_of(history: History, now: int, calendar: Calendar) -> Due:
    """What is due of a token now (microseconds), and when to look again."""
    next_at: int | None = None
    for instant in history.stages:
        if instant is not None and instant > now and (next_at is None or instant < next_at):
            next_at = instant
    expires_at, gone_at = history.stages[EXPIRED], history.stages[GONE]
    if history.expiration_date is None or expires_at is None or expires_at <= now:
        return Due(None, next_at)
    if gone_at is not None and gone_at <= now:
        return Due(None, next_at)
    days_left: int | None = None
    for days in NOTICE_DAYS:
        notice_at = calendar.midnight(history.expiration_date - timedelta(days=days - 1))
        if notice_at > now:
            return Due(days_left, notice_at if next_at is None else min(next_at, notice_at))
        days_left = days
    return Due(days_left, next_at)
