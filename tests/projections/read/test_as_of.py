"""The report at an instant: at each boundary, a microsecond before it and a microsecond after."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from projections.query.refusal import BadQuery
from projections.query.scope import Organizations
from schemas.instants import format_instant
from tests.projections.read.conftest import NOW, Ask, microseconds, serials
from tests.projections.read.stored import MICROSECOND, Span, Stored, store, token

DAY = timedelta(days=1)
STAGES = ("new_at", "available_at", "active_at", "expired_at", "gone_at")
ARRIVES, SHIPS, STARTS, ENDS, LEAVES = (NOW + DAY * number for number in range(1, 6))
LIVED = Stored(
    "LIVED",
    (Span(ARRIVES, org_id="ORG-1"),),
    ARRIVES,
    SHIPS,
    STARTS,
    ENDS,
    LEAVES,
    activation_date=date(2026, 6, 4),
    expiration_date=date(2026, 6, 4),
)


async def _shown(ask: Ask, at: datetime) -> list[dict[str, object]]:
    page = await ask(as_of=format_instant(microseconds(at)), count="true")
    assert page.count == len(page.rows)
    return page.rows


@pytest.mark.parametrize(
    ("at", "before", "from_then"),
    [
        (ARRIVES, None, "New"),
        (SHIPS, "New", "Available"),
        (STARTS, "Available", "Active"),
        (ENDS, "Active", "Expired"),
        (LEAVES, "Expired", None),
    ],
)
async def test_a_stage_is_reached_at_its_very_instant(
    ask: Ask, writer: asyncpg.Connection, at: datetime, before: str | None, from_then: str | None
) -> None:
    await store(writer, LIVED)
    for instant, status in ((at - MICROSECOND, before), (at, from_then), (at + MICROSECOND, from_then)):
        rows = await _shown(ask, instant)
        assert [row["status"] for row in rows] == ([] if status is None else [status])
        if status is not None:
            filtered = await ask([f"status:is:{status}"], as_of=format_instant(microseconds(instant)))
            assert filtered.rows == rows


async def test_dates_of_the_term_are_empty_before_its_start(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(writer, LIVED)
    [before] = await _shown(ask, STARTS - MICROSECOND)
    assert (before["activation_date"], before["expiration_date"]) == (None, None)
    [started] = await _shown(ask, STARTS)
    assert (started["activation_date"], started["expiration_date"]) == (date(2026, 6, 4), date(2026, 6, 4))
    not_yet = await ask(
        ["activation_date:is_empty"], as_of=format_instant(microseconds(STARTS - MICROSECOND))
    )
    assert serials(not_yet) == ["LIVED"]


async def test_the_furthest_stage_reached_is_shown_however_the_instants_stand(
    ask: Ask, writer: asyncpg.Connection
) -> None:
    await store(writer, token("T", NOW, available_at=NOW + 2 * DAY, active_at=NOW + DAY))
    assert [(await _shown(ask, NOW + day * DAY))[0]["status"] for day in range(3)] == [
        "New",
        "Active",
        "Active",
    ]


async def test_owner_and_place_are_those_of_the_span_that_holds(ask: Ask, writer: asyncpg.Connection) -> None:
    spans = (
        Span(NOW, "ORG-1", "One"),
        Span(NOW + DAY, "ORG-1", "One", "E*1", "CP-1", "Garage", date(2026, 6, 2)),
        Span(NOW + 2 * DAY, "ORG-2", "Two", "E*1", "CP-1", "Garage", date(2026, 6, 2)),
    )
    await store(writer, Stored("T", spans, NOW))
    shown = ("org_id", "org_name", "evse_id", "station_serial", "station_name", "applied_date")
    for number, span in enumerate(spans):
        cells = [getattr(span, key) for key in shown]
        for instant in (span.starts_at, span.starts_at + DAY - MICROSECOND):
            [row] = await _shown(ask, instant)
            assert [row[key] for key in shown] == cells, number
    assert await _shown(ask, NOW - MICROSECOND) == []


async def test_a_row_is_in_scope_by_its_owner_at_that_instant(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(
        writer,
        Stored("MOVED", (Span(NOW, "ORG-1"), Span(NOW + DAY, "ORG-2")), NOW),
        token("STAYED", NOW, org_id="ORG-1"),
        token("UNKNOWN", NOW),
        token("OTHER", NOW, org_id="org-1"),
    )

    async def seen(at: datetime, *org_ids: str) -> list[object]:
        scope = Organizations(frozenset(org_ids))
        page = await ask(scope=scope, as_of=format_instant(microseconds(at)), count="true")
        assert page.count == len(page.rows)
        return serials(page)

    assert await seen(NOW, "ORG-1") == ["MOVED", "STAYED"]
    assert await seen(NOW + DAY, "ORG-1") == ["STAYED"]
    assert await seen(NOW + DAY, "ORG-1", "ORG-2") == ["MOVED", "STAYED"]
    assert await seen(NOW + DAY) == []
    narrowed = await ask(
        ["org_id:is_empty", "token_serial:contains:v"], Organizations(frozenset({"ORG-1"})), match="any"
    )
    assert serials(narrowed) == ["MOVED"]


async def test_now_is_the_clock_that_was_injected(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(writer, token("THEN", NOW), token("NOT-YET", NOW + MICROSECOND))
    assert serials(await ask()) == ["THEN"]


@pytest.mark.parametrize(
    "as_of",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z",
        "2026-06-01T02:00:00+02:00",
        "2026-05-31t17:00:00-07:00",
        "2026-06-01T00:00:00.0000009Z",
    ],
)
async def test_any_instant_of_the_years_1_to_9999_can_be_asked_about(
    ask: Ask, writer: asyncpg.Connection, as_of: str
) -> None:
    await store(writer, token("T", NOW))
    assert serials(await ask(as_of=as_of)) == ([] if as_of.startswith("0001") else ["T"])


@pytest.mark.parametrize(
    "as_of",
    [
        "",
        "now",
        "1780272000",
        "2026-06-01",
        "2026-06-01T00:00:00",
        "2026-06-01 00:00:00Z",
        "2026-02-30T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "10000-01-01T00:00:00Z",
    ],
)
async def test_what_is_no_instant_is_refused(ask: Ask, as_of: str) -> None:
    with pytest.raises(BadQuery, match="is no instant") as refused:
        await ask(as_of=as_of)
    assert [refusal.parameter for refusal in refused.value.refusals] == ["as_of"]


async def test_a_plus_that_arrived_as_a_blank_is_pointed_out(ask: Ask) -> None:
    with pytest.raises(BadQuery, match="%2B"):
        await ask(as_of="2026-06-01T02:00:00 02:00")


def test_the_instants_of_these_tests_are_exact() -> None:
    assert microseconds(datetime(1970, 1, 1, 0, 0, 0, 1, tzinfo=UTC)) == 1
