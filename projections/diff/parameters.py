"""The parameters of a diff, read as those of the report are."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from lifecycle.calendar import Calendar
from projections.diff.request import DiffRequest, fingerprint
from projections.query.cursor import unsealed
from projections.query.parameters import (
    AFTER,
    AS_OF,
    COUNT,
    DEFAULT_LIMIT,
    FILTER,
    LIMIT,
    MATCH,
    SELECTED,
    Given,
    boolean_parser,
    parse_as_of,
    parse_limit,
    read_report,
)
from projections.query.refusal import BadQuery, Refusal
from projections.query.report import Report
from projections.query.scope import Scope

_RFC_3339 = "RFC 3339 with its zone, in the years 1 to 9999. In a query string `+` must be written `%2B`."

FROM = replace(
    AS_OF,
    name="from",
    doc=f"The earlier instant, {_RFC_3339} To be given, but not with `after`, which holds it.",
    example="2026-03-01T08:00:00Z",
)
TO = replace(
    AS_OF,
    name="to",
    doc=f"The later instant, {_RFC_3339} Now, where left out.",
    example="2026-04-01T07:00:00Z",
)
DIFF_PARAMETERS = (
    FROM,
    TO,
    replace(FILTER, doc=FILTER.doc + " A token counts that passes at either of the instants."),
    MATCH,
    replace(SELECTED, doc=SELECTED.doc.replace("to show, in this order", "to compare", 1)),
    replace(LIMIT, doc="How many tokens a page has at most."),
    replace(
        AFTER,
        doc="The `next` of a page, to get the one that follows it. It holds both instants and belongs to its "
        "`filter`, `match` and `columns`, which must be given again.",
    ),
    replace(COUNT, doc="Whether to count all tokens that differ too."),
)


class _Place(NamedTuple):
    since: int
    until: int
    serial: str


def read_diff_request(
    pairs: Sequence[tuple[str, str]], scope: Scope, now: int, calendar: Calendar
) -> DiffRequest:
    """The page asked for. Raises `BadQuery` with everything that is wrong."""
    given = Given(pairs, DIFF_PARAMETERS)
    since = given.one(FROM, parse_as_of, None)
    until = given.one(TO, parse_as_of, None)
    report = read_report(given, scope, now, calendar)
    limit = given.one(LIMIT, parse_limit, DEFAULT_LIMIT)
    count = given.one(COUNT, boolean_parser(COUNT), False)
    if not given.has(FROM) and not given.has(AFTER):
        given.refuse(Refusal(FROM.name, None, "`from` is missing: the earlier of the two instants"))
    # Whether a cursor fits can be said of a query that is right in itself.
    given.finish()
    if given.has(AFTER):
        place = given.one(AFTER, lambda text: _parse_after(text, report), None)
        given.finish()
        assert place is not None
        for parameter, own, held in ((FROM, since, place.since), (TO, until, place.until)):
            if own is not None and own != held:
                message = f"the cursor in `after` is of another instant; leave `{parameter.name}` out"
                given.refuse(Refusal(parameter.name, None, message))
        given.finish()
        return DiffRequest(replace(report, as_of=place.until), place.since, limit, place.serial, count)
    assert since is not None
    until = now if until is None else until
    if since > until:
        raise BadQuery(Refusal(FROM.name, None, "`from` is later than `to`; it is the earlier of the two"))
    return DiffRequest(replace(report, as_of=until), since, limit, None, count)


def _parse_after(text: str, report: Report) -> _Place:
    try:
        return _Place(*unsealed(text, fingerprint(report)))
    except ValueError:
        raise ValueError(
            "the cursor in `after` was altered or belongs to another query; "
            "give `filter`, `match` and `columns` as in the call that gave it, or begin again without `after`"
        ) from None
