"""What became of tokens put in by hand, and what is refused."""

from dataclasses import replace
from datetime import UTC, date, datetime

import asyncpg
import pytest

from projections.diff.page import DiffPage
from projections.query.refusal import BadQuery
from projections.query.scope import Organizations
from tests.projections.diff.conftest import Compare
from tests.projections.read.conftest import NOW
from tests.projections.read.stored import Span, store, token

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
FROM = "2026-02-01T00:00:00Z"
TO = "2026-04-01T00:00:00Z"


def told(page: DiffPage) -> dict[str, object]:
    return {each.token_serial: (each.before, each.after) for each in page.differences}


async def test_only_the_cells_that_differ_are_told(compare: Compare, writer: asyncpg.Connection) -> None:
    await store(
        writer,
        token("A", BEGIN, active_at=MARCH, activation_date=date(2026, 2, 28), cloud_plan="Basic"),
        token("B", BEGIN, cloud_plan="Basic"),
    )
    page = await compare(FROM, to=TO)
    assert told(page) == {
        "A": (
            {"status": "New", "activation_date": None},
            {"status": "Active", "activation_date": date(2026, 2, 28)},
        )
    }
    assert (page.next, page.count) == (None, None)


async def test_a_token_appears_and_leaves(compare: Compare, writer: asyncpg.Connection) -> None:
    await store(writer, token("A", MARCH), token("B", BEGIN, gone_at=MARCH), token("C", MARCH, gone_at=MARCH))
    assert told(await compare(FROM, to=TO, columns="evse_id,status")) == {
        "A": (None, {"evse_id": None, "status": "New"}),
        "B": ({"evse_id": None, "status": "New"}, None),
    }
    # That the token is there is a difference, even where no cell of those compared holds anything.
    assert told(await compare(FROM, to=TO, columns="evse_id"))["A"] == (None, {"evse_id": None})


async def test_a_change_at_an_instant_is_later_than_what_was_before_it(
    compare: Compare, writer: asyncpg.Connection
) -> None:
    await store(writer, token("A", BEGIN, available_at=MARCH))
    just_before = "2026-02-28T23:59:59.999999Z"
    assert list(told(await compare(just_before, to="2026-03-01T00:00:00Z"))) == ["A"]
    assert told(await compare("2026-03-01T00:00:00Z", to=TO)) == {}
    assert told(await compare(FROM, to=just_before)) == {}
    assert told(await compare(TO, to=TO)) == {}


async def test_only_the_columns_named_are_compared(compare: Compare, writer: asyncpg.Connection) -> None:
    moved = (Span(BEGIN, station_serial="CP-1"), Span(MARCH, station_serial="CP-2"))
    await store(writer, replace(token("A", BEGIN), spans=moved), token("B", BEGIN, active_at=MARCH))
    assert told(await compare(FROM, to=TO, columns="station_serial,cloud_plan")) == {
        "A": ({"station_serial": "CP-1"}, {"station_serial": "CP-2"})
    }


async def test_a_token_counts_that_passes_at_either_instant(
    compare: Compare, writer: asyncpg.Connection
) -> None:
    await store(writer, token("A", BEGIN, active_at=MARCH), token("B", BEGIN, available_at=MARCH))
    for filters in (["status:is:Active"], ["status:is:New", "token_serial:is:A"]):
        assert list(told(await compare(FROM, to=TO, filters=filters))) == ["A"]
    either = ["status:is:Active", "status:is:Available"]
    assert list(told(await compare(FROM, to=TO, filters=either, match="any"))) == ["A", "B"]
    assert told(await compare(FROM, to=TO, filters=["status:is:Expired"])) == {}


async def test_a_token_out_of_scope_at_an_instant_is_in_no_report_then(
    compare: Compare, writer: asyncpg.Connection
) -> None:
    sold = (Span(BEGIN, org_id="ORG-1"), Span(MARCH, org_id="ORG-2", station_serial="secret"))
    await store(writer, replace(token("A", BEGIN), spans=sold), token("B", MARCH, org_id="ORG-3"))
    seller = await compare(FROM, to=TO, columns="org_id,station_serial", scope=_only("ORG-1"))
    assert told(seller) == {"A": ({"org_id": "ORG-1", "station_serial": None}, None)}
    buyer = await compare(FROM, to=TO, columns="org_id", scope=_only("ORG-2"), count="true")
    assert told(buyer) == {"A": (None, {"org_id": "ORG-2"})}
    assert buyer.count == 1


async def test_relative_dates_count_from_each_instant(compare: Compare, writer: asyncpg.Connection) -> None:
    await store(
        writer, token("A", BEGIN, active_at=BEGIN, expiration_date=date(2026, 3, 30), available_at=MARCH)
    )
    changing = {"A": ({"status": "Active"}, {"status": "Expired"})}
    await writer.execute("update tokens set expired_at = $1", MARCH)
    soon = ["expiration_date:after:today-1d", "expiration_date:before:today+5d"]
    # On 31 March it is a day too late, at `from` two months too early.
    assert told(await compare(FROM, to="2026-03-31T12:00:00Z", filters=soon)) == {}
    assert told(await compare(FROM, to="2026-03-29T12:00:00Z", filters=soon)) == changing


async def test_to_is_now_where_left_out(compare: Compare, writer: asyncpg.Connection) -> None:
    await store(writer, token("A", NOW))
    page = await compare("2026-05-31T23:59:59Z")
    assert list(told(page)) == ["A"]
    assert page.as_json()["to"] == "2026-06-01T00:00:00Z"


async def test_a_cursor_holds_both_instants(compare: Compare, writer: asyncpg.Connection) -> None:
    await store(writer, *(token(f"T{number}", MARCH) for number in range(5)))
    page = await compare(FROM, to=TO, limit="2", count="true")
    assert (list(told(page)), page.count) == (["T0", "T1"], 5)
    assert page.next is not None
    second = await compare(after=page.next, limit="2", count="true")
    assert (list(told(second)), second.count) == (["T2", "T3"], 5)
    assert (second.since, second.until) == (page.since, page.until)
    assert second.next is not None
    last = await compare(FROM, to=TO, after=second.next)
    assert (list(told(last)), last.next) == (["T4"], None)


@pytest.mark.parametrize(
    ("given", "parameters"),
    [
        ({}, ["from"]),
        ({"since": "yesterday"}, ["from"]),
        ({"since": TO, "to": FROM}, ["from"]),
        ({"since": FROM, "to": "2026-04-01"}, ["to"]),
        ({"since": FROM, "as_of": TO, "sort": "status"}, ["as_of", "sort"]),
        ({"since": FROM, "after": "AAAA"}, ["after"]),
        ({"to": TO, "limit": "0"}, ["limit", "from"]),
    ],
)
async def test_what_makes_no_sense_is_refused(
    compare: Compare, given: dict[str, str], parameters: list[str]
) -> None:
    with pytest.raises(BadQuery) as refused:
        await compare(**given)
    assert [refusal.parameter for refusal in refused.value.refusals] == parameters


@pytest.mark.parametrize(
    "other",
    [
        {"filters": ["status:is:Active"]},
        {"columns": "status"},
        {"match": "any"},
        {"since": "2026-02-01T00:00:01Z"},
        {"to": "2026-04-01T00:00:01Z"},
        {"scope": Organizations(frozenset({"ORG-1"}))},
    ],
)
async def test_a_cursor_of_another_query_is_refused(
    compare: Compare, writer: asyncpg.Connection, other: dict[str, str]
) -> None:
    await store(writer, token("A", MARCH), token("B", MARCH))
    page = await compare(FROM, to=TO, limit="1")
    assert page.next is not None
    with pytest.raises(BadQuery, match="cursor in `after`"):
        await compare(**{"after": page.next, **other})
    for place in range(len(page.next)):
        altered = page.next[:place] + ("B" if page.next[place] != "B" else "C") + page.next[place + 1 :]
        with pytest.raises(BadQuery, match="cursor in `after`"):
            await compare(after=altered)


def _only(org_id: str) -> Organizations:
    return Organizations(frozenset({org_id}))
