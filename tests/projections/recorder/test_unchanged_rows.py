"""Rows that come out as they were are not written: their version (xmin) stays."""

import asyncpg
import pytest

from projections.recorder import PostgresRecorder
from tests import events
from tests.events import Json
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log

HISTORY = [
    events.order(["T1", "T2"]),
    events.shipped(["T1", "T2"]),
    events.applied("T1", "S1"),
    events.unapplied("T1"),
    events.applied("T1", "S2", at="2026-06-02T16:00:00Z"),
    events.activated("S1"),
    events.transferred(["T1"]),
]
# What each leaves alone, though it meets tokens, lines or stations that are there.
WITHOUT_EFFECT: dict[str, tuple[list[Json], set[str]]] = {
    "a repeat": ([HISTORY[2]], {"tokens", "spans", "subjects", "events", "segments", "outbox"}),
    "a retraction of what never came": (
        [events.retracted({"source": "urn:none", "id": "none"})],
        {"tokens", "spans", "subjects", "outbox"},
    ),
    "an earlier revision of the order": (
        [events.order(["T1", "T2"], customer_name="Before", time="2026-01-09T17:00:00Z")],
        {"spans", "outbox"},
    ),
    "an event of another token": (
        [events.order(["T9"], sales_order="SO-9"), events.activated("S9")],
        {"spans"},
    ),
    "a dead letter": ([{"no": "event"}], {"tokens", "spans", "subjects", "events", "segments", "outbox"}),
}


@pytest.mark.parametrize("given", WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT)
async def test_what_has_no_effect_writes_no_row(
    given: tuple[list[Json], set[str]], recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    batch, left_alone = given
    await recorder.record(log.batch(*HISTORY))
    before = await stored.contents(sql)
    await recorder.record(log.batch(*batch))
    after = await stored.contents(sql)
    for table in left_alone:
        assert after[table] == before[table], table


async def test_a_correction_writes_the_tokens_that_it_changes_alone(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """The other line of the order is sent again as it was; its tokens' rows differ by nothing."""
    lines = [events.order_line(["T1"], line="1"), events.order_line(["T2"], line="2")]
    moved = [events.applied("T2", "S1"), events.transferred(["T2"], at="2026-05-01T16:00:00Z")]
    await recorder.record(log.batch(events.order(lines=lines), *moved))
    await recorder.record(log.batch(events.order(["T3"], sales_order="SO-2")))
    before = await versions(sql)
    spans = (await stored.contents(sql))["spans"]
    corrected = [events.order_line(["T1"], line="1", term_years=2)]
    await recorder.record(log.batch(events.order(lines=corrected, revision=1)))
    after = await versions(sql)
    assert {serial for serial in after if after[serial] != before[serial]} == {"T1"}
    assert (await stored.contents(sql))["spans"] == spans


async def test_a_change_of_the_plan_leaves_earlier_spans_alone(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(*HISTORY))
    before = await stored.contents(sql)
    assert before["spans"]
    await recorder.record(log.batch(events.order(["T1", "T2"], revision=1, purchase_order="PO-2")))
    after = await stored.contents(sql)
    assert after["tokens"] != before["tokens"]
    assert after["spans"] == before["spans"]


async def test_a_second_retraction_that_says_no_more_writes_no_token_and_no_subject(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    """The first retraction by `time` counts, so a later one finds everything as it is."""
    for target in HISTORY:
        await recorder.record(log.batch(events.retracted(target)))
    await recorder.record(log.batch(*HISTORY))
    before = await stored.contents(sql)
    for target in HISTORY:
        await recorder.record(log.batch(events.retracted(target, time="2026-10-02T16:00:00Z")))
    after = await stored.contents(sql)
    for table in ("tokens", "spans", "subjects", "outbox"):
        assert after[table] == before[table], table


async def versions(sql: asyncpg.Connection) -> dict[str, str]:
    """Which transaction wrote each token's row."""
    return {row[0]: row[1] for row in await sql.fetch("select token_serial, xmin::text from tokens")}
