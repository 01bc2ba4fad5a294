"""The stages of a service token's life: everything that decides a status lives here.

`STAGES` is the one table. A token has reached a stage from the instant that the fold computed for it, and its
status at an instant is the furthest stage reached by then. Python, the SQL view, filters, sort order, counts,
announcements and the documentation are all made from this table.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """What the report shows, in the order in which a token goes through them."""

    NEW = "New"
    AVAILABLE = "Available"
    ACTIVE = "Active"
    EXPIRED = "Expired"


class Stage(NamedTuple):
    """One row of the table.

    `column` names the stored instant from which the stage holds; `status` is what the report shows from then
    on, None where the token leaves the report.
    """

    column: str
    status: Status | None
    reached: str


STAGES: tuple[Stage, ...] = (
    Stage(
        "new_at",
        Status.NEW,
        "the first fact in force that names the token, or the midnight of its order date",
    ),
    Stage(
        "available_at",
        Status.AVAILABLE,
        "the midnight of the ship date, the first application or the term's start",
    ),
    Stage("active_at", Status.ACTIVE, "the term's start"),
    Stage("expired_at", Status.EXPIRED, "the midnight after the expiration date"),
    Stage("gone_at", None, "the first return"),
)

NEW, AVAILABLE, ACTIVE, EXPIRED, GONE = range(len(STAGES))
"""Where each stage stands in the table, and so in every tuple of a token's instants."""


def stage_at(instants: Sequence[int | None], at: int) -> int | None:
    """The index into `STAGES` of the furthest stage reached at `at`, or None before the first.

    `instants` holds, for each stage, microseconds since 1970 in UTC, or None where it is never reached.
    """
    for index in range(len(STAGES) - 1, -1, -1):
        instant = instants[index]
        if instant is not None and instant <= at:
            return index
    return None


def status_at(instants: Sequence[int | None], at: int) -> Status | None:
    """The status at an instant; None where the token is in no report then (not yet known, or gone)."""
    index = stage_at(instants, at)
    return None if index is None else STAGES[index].status
