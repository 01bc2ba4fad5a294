"""The parameters of an explanation and of a history, read as those of the report are."""

from collections.abc import Sequence
from dataclasses import replace

from projections.explain.cursor import HistoryCursor
from projections.explain.history import HistoryRequest
from projections.explain.recorded import BEGINNING
from projections.query.parameters import AFTER, AS_OF, DEFAULT_LIMIT, LIMIT, Given, parse_as_of, parse_limit
from projections.query.scope import Scope

EXPLANATION_PARAMETERS = (
    replace(AS_OF, doc=AS_OF.doc.replace("The instant of the report", "The instant to explain", 1)),
)
HISTORY_PARAMETERS = (
    replace(LIMIT, doc="How many facts a page has at most."),
    replace(AFTER, doc="The `next` of a page of this token, to get the one that follows it."),
)


def read_as_of(pairs: Sequence[tuple[str, str]], now: int) -> int:
    """The instant (microseconds) to explain. Raises `BadQuery` with everything that is wrong."""
    given = Given(pairs, EXPLANATION_PARAMETERS)
    as_of = given.one(AS_OF, parse_as_of, now)
    given.finish()
    return as_of


def read_history_request(
    serial: str, pairs: Sequence[tuple[str, str]], scope: Scope, now: int
) -> HistoryRequest:
    """The page asked for. Raises `BadQuery` with everything that is wrong."""
    given = Given(pairs, HISTORY_PARAMETERS)
    limit = given.one(LIMIT, parse_limit, DEFAULT_LIMIT)
    after = given.one(AFTER, HistoryCursor(serial).decode, BEGINNING)
    given.finish()
    return HistoryRequest(serial, scope, now, limit, after)
