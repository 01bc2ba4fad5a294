"""Each kind of stored thing, changed behind the service's back, is found and named."""

import asyncpg
import msgspec
import pytest
import zstandard

from lifecycle.calendar import Calendar
from projections.rebuild import rebuild
from projections.recorder.journal import unpack_segment
from tests.projections.recorder.conftest import Clock
from tests.projections.verify.conftest import Verify
from tests.reference.histories import ZONE

T0 = "where token_serial = 'T0'"
LISTED_0 = "sales_order = 'SO-0'"
LINE_0 = "kind = 1 and key = E'SO-0\\x1f1'"


async def named(verified: Verify) -> list[str]:
    """What is found, in words, in one pass and the same in three."""
    found = await verified(limit=10_000)
    again = await verified(limit=10_000, passes=3)
    said = [str(difference) for difference in found.differences]
    assert sorted(said) == sorted(str(difference) for difference in again.differences)
    return said


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (f"update tokens set org_id = 'ORG-9' {T0}", "token T0: org_id is 'ORG-9', the journal says 'ORG-2'"),
        (f"update tokens set description = null {T0}", "token T0: description is empty, the journal says '"),
        (
            f"update tokens set ship_date = '2026-02-02' {T0}",
            "token T0: ship_date is datetime.date(2026, 2, 2)",
        ),
        (
            f"update tokens set active_at = '2026-03-01T00:00:00Z' {T0}",
            "token T0: active_at is 2026-03-01T00:00:00+00:00, the journal says 2026-03-05T16:00:00+00:00",
        ),
        (f"update tokens set gone_at = now() {T0}", "token T0: gone_at is "),
        (
            f"update tokens set anomalies = '{{forged}}' {T0}",
            "token T0: anomalies is ['forged'], the journal says []",
        ),
        (f"update tokens set digest = '\\x00' {T0}", "token T0: digest is 00, the journal says "),
        (f"update tokens set fold_version = 77 {T0}", "token T0: fold_version is 77, the journal says 1"),
        (f"update tokens set announced = 0 {T0}", "token T0: announced is 0, the journal says 2"),
        (f"update tokens set due_at = null {T0}", "token T0: due_at is empty, the journal says 2026-12-0"),
        (f"update tokens set facts = '\\x00' {T0}", "token T0: facts is 'unreadable"),
        (
            f"update tokens set facts = '\\x93908080' {T0}",
            "token T0: a fact of its own is not there, the journal",
        ),
        (f"delete from tokens {T0}", "token T0: row is not there, the journal says 'in the journal'"),
        (
            "update tokens set token_serial = 'T77' where token_serial = 'T0'",
            "token T77: row is 'stored', the journal says not there",
        ),
        (
            f"update spans set station_name = 'elsewhere' {T0} and station_name = 'Garage'",
            "station_name is 'elsewhere', the journal says 'Garage'",
        ),
        (f"delete from spans {T0}", "token T0, span from 2026-"),
        ("insert into spans values ('T0', '2020-01-01Z', '2020-01-02Z')", "token T0, span from 20"),
        ("insert into spans values ('T78', '2020-01-01Z', '2020-01-02Z')", "token T78: spans is 'stored'"),
        (f"delete from subjects where {LINE_0}", "order line SO-0 / 1: row is not there"),
        ("delete from subjects where kind = 2 and key = 'SH-0'", "shipment SH-0: row is not there"),
        (
            "update subjects set key = 'S77' where key = 'S0'",
            "station S77: row is 'stored', the journal says not",
        ),
        (
            f"update subjects set facts = '\\x90' where {LINE_0}",
            "order line SO-0 / 1: the version of urn:test:erp ",
        ),
        (
            f"update subjects set facts = '\\x00' where {LINE_0}",
            "order line SO-0 / 1: facts or serials is 'unread",
        ),
        (
            f"update subjects set serials = '\\x90' where {LINE_0}",
            "serials is not there, the journal says 'T0'",
        ),
        (
            "update subjects set facts = '\\x9290c2' where key = 'S0'",
            "station S0: first activation is not there, the journal says Activation",
        ),
        (
            "update subjects set started_at = '2026-03-01Z' where key = 'S0'",
            "station S0: started_at is 2026-03-01",
        ),
        (
            f"update order_lines set quantity = 7 where {LISTED_0}",
            "order line SO-0/1, listed: quantity is 7, the journal says empty",
        ),
        (f"update order_lines set named = '{{}}' where {LISTED_0}", "order line SO-0/1, listed: named is []"),
        (f"delete from order_lines where {LISTED_0}", "order line SO-0/1, listed: row is not there"),
        (
            "insert into order_lines (order_line, sales_order, line) values ('SO-99/1', 'SO-99', '1')",
            "order line SO-99/1, listed: row is 'stored', the journal says not there",
        ),
        (
            "update shipment_lines set ship_date = '2026-02-02' where shipment = 'SH-0'",
            "shipment SH-0, listed for order line SO-0/1: ship_date is datetime.date(2026, 2, 2)",
        ),
        (
            "delete from shipment_lines where shipment = 'SH-0'",
            "shipment SH-0, listed for order line SO-0/1: row is not there",
        ),
        ("delete from owners where org_id = 'ORG-2'", "owner ORG-2: name "),
        (
            "delete from known_places where station_name = 'Garage'",
            "station S0: place 'Garage', None is not there, the journal says 'token T0 has it'",
        ),
        (
            "delete from places where 'Garage' = any(station_names)",
            "station S0, searched: place 'Garage', None is not there, the journal says 'it is kept'",
        ),
        (
            "update local_offsets set ahead = '1 hour' where from_at > '2026-01-01'",
            "local dates: offsets of America/Los_Angeles is [(",
        ),
        (
            "delete from events where retracted_at = '2026-10-01T16:00:00Z' and content is null",
            "retracted_at is empty",
        ),
        (
            "update events set retracted_at = null where retracted_at = '2026-10-01T16:00:00Z' and content is not null",
            "retracted_at is empty, the journal says 2026-10-01T16:00:00+00:00",
        ),
        (
            "update events set content = '\\x00' where position = 1 and segment = 3",
            "content is 00, the journal says",
        ),
        (
            "update events set position = 300 where position = 1 and segment = 3",
            "segment and position is (3, 300)",
        ),
        (
            "delete from events where position = 1 and segment = 3",
            "row is not there, the journal says 'segment 3,",
        ),
        (
            "insert into events values ('\\xabcd', '\\x00', 999, 0)",
            "event abcd: row is 'segment 999, message 0', the journal says not there",
        ),
        (
            "insert into events values ('\\xabcd', '\\x00', 3, 1)",
            "event abcd: row is 'segment 3, message 1', the journal says not there",
        ),
        (
            "insert into events values ('\\xabcd', null, null, null, now())",
            "event abcd: row is 'a retraction names it', the journal says not there",
        ),
        ("update segments set messages = 1 where segment = 3", "segment 3: messages is 1, the journal says"),
        ("update segments set subjects = '{}' where segment = 3", "segment 3: subjects is []"),
        ("update segments set body = '\\x00' where segment = 3", "segment 3: body is 'unreadable"),
        ("delete from segments where segment = 3", "the journal says not there"),
    ],
)
async def test_it_is_named(statement: str, said: str, tampered: asyncpg.Connection, verified: Verify) -> None:
    assert (await verified()).count == 0
    done = await tampered.execute(statement)
    assert not done.endswith(" 0"), f"nothing was tampered with: {done}"
    found = await named(verified)
    assert any(said in each for each in found), found


async def test_a_message_that_was_exchanged_is_found_by_all_that_rests_on_it(
    tampered: asyncpg.Connection, verified: Verify
) -> None:
    [(segment, body)] = await tampered.fetch(
        "select segment, body from segments order by segment desc limit 1"
    )
    messages = unpack_segment(body)
    forged = [
        msgspec.structs.replace(each, value=each.value and each.value.replace(b"ORG-2", b"ORG-7"))
        for each in messages
    ]
    packed = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(forged))
    await tampered.execute("update segments set body = $2 where segment = $1", segment, packed)
    said = await named(verified)
    assert any(": content is " in each for each in said)
    assert "token T0: org_id is 'ORG-2', the journal says 'ORG-7'" in said
    assert any(each.startswith("token T0: a fact of its own is Transferred(") for each in said)


async def test_the_order_in_which_facts_are_packed_does_not_matter(
    tampered: asyncpg.Connection, verified: Verify
) -> None:
    rows = await tampered.fetch("select token_serial, facts from tokens")
    for serial, facts in rows:
        own, lines, shipments = msgspec.msgpack.decode(facts, strict=False)
        turned = [
            own[::-1],
            {key: identities[::-1] for key, identities in reversed(lines.items())},
            {key: dict(reversed(each.items())) for key, each in reversed(shipments.items())},
        ]
        await tampered.execute(
            "update tokens set facts = $2 where token_serial = $1", serial, msgspec.msgpack.encode(turned)
        )
    assert await named(verified) == []


@pytest.mark.parametrize(
    "statement",
    [
        "delete from owners where org_id = 'ORG-2'",
        "delete from known_places where station_name = 'Garage'",
        "delete from places where 'Garage' = any(station_names)",
        "update known_places set station_name = 'forged' where station_name = 'Garage'",
    ],
)
async def test_names_that_were_lost_are_kept_again_by_a_rebuild(
    tampered: asyncpg.Connection, verified: Verify, database_url: str, clock: Clock, statement: str
) -> None:
    assert await tampered.execute(statement) != "DELETE 0"
    assert (await verified()).count > 0
    await rebuild(database_url, Calendar(ZONE), clock)
    assert (await verified()).differences == []


async def test_all_differences_are_counted_and_only_the_first_are_kept(
    tampered: asyncpg.Connection, verified: Verify
) -> None:
    await tampered.execute("update tokens set org_name = 'forged'")
    found = await verified(limit=2)
    assert (found.count, len(found.differences)) == (found.tokens, 2)
