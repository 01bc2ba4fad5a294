"""The list of dead letters: which, in what order, page by page; and what is known of one."""

import asyncpg
import pytest
import structlog.testing

from lifecycle import metrics
from lifecycle.calendar import Calendar
from lifecycle.recording import OffsetsMoved
from projections.dead_letters.letter import LETTER_RULES
from projections.dead_letters.listing import LetterPage, list_letters, read_list_request
from projections.dead_letters.reading import LISTED_HEADERS_BYTES, read_letter
from projections.dead_letters.settling import discard
from projections.query.refusal import BadQuery
from projections.recorder import PostgresRecorder
from schemas.rules import RULES
from tests import events
from tests.projections.dead_letters.conftest import Hands
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.reference.instants import instant
from tokens.settings import Settings

ORDER = events.order(["T1"])
ORIGIN = (("requeued-from", b"orders/1/3"), ("requeued-dead-letter", b"1"))


@pytest.fixture
async def recorder(settings: Settings) -> PostgresRecorder:
    assert settings.database_url is not None
    return PostgresRecorder(settings.database_url, Calendar(ZONE), lambda: instant("2026-07-01T12:00:00Z"))


@pytest.fixture
async def log(recorder: PostgresRecorder) -> Log:
    log = Log()
    await recorder.open()
    await log.begin(recorder)
    return log


async def listed(hands: Hands, **given: str) -> LetterPage:
    return await list_letters(hands, read_list_request(list(given.items())))


def numbers(page: LetterPage) -> list[int]:
    return [letter.dead_letter for letter in page.letters]


async def test_letters_are_listed_newest_first_by_rule_topic_and_state(
    recorder: PostgresRecorder, log: Log, hands: Hands
) -> None:
    shipments = log.partitions[2]
    await recorder.record(log.batch(b"{", b"", b"["))
    await recorder.record(log.batch(b"(", None, partition=shipments))
    assert numbers(await listed(hands)) == [5, 4, 3, 2, 1]
    assert numbers(await listed(hands, rule="not_json")) == [4, 3, 1]
    assert numbers(await listed(hands, topic="shipments")) == [5, 4]
    assert numbers(await listed(hands, topic="shipments", rule="empty")) == [5]
    await hands.execute("update dead_letters set topic = 'test.' || topic")
    assert numbers(await listed(hands, topic="orders")) == [3, 2, 1], "whatever the prefix"
    await discard(hands, 3, "noise")
    assert numbers(await listed(hands)) == [5, 4, 2, 1]
    assert numbers(await listed(hands, state="discarded")) == [3]
    assert numbers(await listed(hands, state="requeued")) == []
    assert numbers(await listed(hands, state="all")) == [5, 4, 3, 2, 1]
    await recorder.close()


async def test_pages_follow_each_other(recorder: PostgresRecorder, log: Log, hands: Hands) -> None:
    await recorder.record(log.batch(*[b"{"] * 5))
    first = await listed(hands, limit="2")
    assert (numbers(first), first.next) == ([5, 4], 4)
    await recorder.record(log.batch(b"{"))
    second = await listed(hands, limit="2", after=str(first.next))
    assert (numbers(second), second.next) == ([3, 2], 2)
    last = await listed(hands, limit="1", after=str(second.next))
    assert (numbers(last), last.next) == ([1], None)
    assert numbers(await listed(hands, after="1")) == []
    await recorder.close()


async def test_a_letter_says_what_is_wrong_and_where_it_came_from(
    recorder: PostgresRecorder, log: Log, hands: Hands
) -> None:
    wrong = events.with_data(ORDER, order_date="soon")
    await recorder.record(log.batch_of([log.append(wrong, log.partitions[1], headers=ORIGIN)]))
    [letter] = (await listed(hands)).letters
    shown = letter.as_json()
    recorded_at = str(shown.pop("recorded_at"))
    assert recorded_at.startswith("20")
    assert recorded_at.endswith("Z")
    assert str(shown.pop("message")).startswith("not_date at /data/order_date: a date is YYYY-MM-DD")
    assert shown == {
        "dead_letter": 1,
        "rule": "not_date",
        "pointer": "/data/order_date",
        "source": ORDER["source"],
        "id": ORDER["id"],
        "topic": "orders",
        "partition": 1,
        "offset": 0,
        "published_at": "2026-05-28T20:26:40Z",
        "value_bytes": len(events.encoded(wrong)),
        "requeued_from": {"dead_letter": 1, "topic": "orders", "partition": 1, "offset": 3},
        "state": "open",
        "settled_at": None,
        "reason": None,
        "edited": False,
        "requeued_to": None,
    }
    await recorder.close()


async def test_long_headers_are_read_for_one_letter_alone(
    recorder: PostgresRecorder, log: Log, hands: Hands
) -> None:
    headers = (*ORIGIN, ("long", b"x" * LISTED_HEADERS_BYTES))
    await recorder.record(log.batch_of([log.append(b"{", headers=headers)]))
    [letter] = (await listed(hands)).letters
    assert letter.requeued_from is None
    whole = await read_letter(hands, 1)
    assert whole.letter.requeued_from is not None
    assert list(whole.headers) == list(headers)
    await recorder.close()


async def test_bytes_are_text_where_they_are_utf_8(
    recorder: PostgresRecorder, log: Log, hands: Hands
) -> None:
    await recorder.record(
        log.batch_of(
            [
                log.append("ü\0".encode(), headers=(("a", b"\xff"), ("a", "ä".encode()))),
                log.append(b"\xff\x00"),
                log.append(None, headers=()),
            ]
        )
    )
    text, binary, none = [(await read_letter(hands, number)).as_json() for number in (1, 2, 3)]
    assert text["value"] == {"text": "ü\0"}
    assert text["key"] == {"text": "key"}
    assert text["headers"] == [
        {"name": "a", "value": {"base64": "/w=="}},
        {"name": "a", "value": {"text": "ä"}},
    ]
    assert binary["value"] == {"base64": "/wA="}
    assert (none["value"], none["headers"], none["value_bytes"]) == (None, [], None)
    await recorder.close()


async def test_other_content_names_the_one_that_was_recorded_first(
    recorder: PostgresRecorder, log: Log, hands: Hands, sql: asyncpg.Connection
) -> None:
    await recorder.record(log.batch(events.shipped(["T1"]), ORDER))
    await recorder.record(log.batch(events.with_data(ORDER, org_id="ORG-9"), partition=log.partitions[1]))
    letter = (await read_letter(hands, 1)).as_json()
    assert (letter["rule"], letter["topic"], letter["partition"], letter["offset"]) == (
        *("other_content", "orders", 1, 0),
    )
    recorded = letter["recorded"]
    assert isinstance(recorded, dict)
    assert str(recorded.pop("recorded_at")).endswith("Z")
    assert recorded == {"topic": "orders", "partition": 0, "offset": 1}
    # One that nothing was recorded of: known by its retraction alone, or not at all.
    other = events.order(["T2"], sales_order="SO-2")
    await recorder.record(log.batch(events.retracted(other), events.with_data(other, order_date="soon")))
    assert (await read_letter(hands, 2)).recorded is None
    await recorder.close()


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"rule": "bad", "topic": "x", "state": "y", "limit": "0", "after": "a"}, 5),
        ({"limit": "1001"}, 1),
        ({"after": "9" * 19}, 1),
        ({"filter": "x"}, 1),
    ],
)
def test_a_wrong_question_is_refused_with_all_that_is_wrong(given: dict[str, str], wrong: int) -> None:
    with pytest.raises(BadQuery) as refused:
        read_list_request(list(given.items()))
    assert len(refused.value.refusals) == wrong
    assert {refusal.parameter for refusal in refused.value.refusals} == set(given)


def test_every_rule_can_be_asked_for() -> None:
    assert set(LETTER_RULES) == {*RULES, "other_content", "unrecordable"}
    assert {read_list_request([("rule", rule)]).rule for rule in LETTER_RULES} == set(LETTER_RULES)


async def test_the_metric_and_the_log_tell_of_each_by_its_rule(
    recorder: PostgresRecorder, log: Log, sql: asyncpg.Connection
) -> None:
    def counted() -> dict[str, float]:
        return {
            sample.labels["rule"]: sample.value
            for family in metrics.DEAD_LETTERS.collect()
            for sample in family.samples
            if sample.name == "tokens_dead_letters_total"
        }

    before = counted()
    assert set(before) == set(LETTER_RULES), "from 0 on, or the first one is no increase"
    other = events.with_data(ORDER, org_id="ORG-9")
    with structlog.testing.capture_logs() as logged:
        await recorder.record(log.batch(b"{", b"", b"[", ORDER, other))
        await recorder.record(log.batch(events.order(["T2"], sales_order="SO-2")))
    rose = {rule: count - before[rule] for rule, count in counted().items() if count > before[rule]}
    assert rose == {"not_json": 2, "empty": 1, "other_content": 1}
    assert logged == [
        {
            "event": "dead letters",
            "log_level": "warning",
            "count": 4,
            "rules": rose,
            "remedy": "see `tokens dead-letters`",
        }
    ]
    # What was rolled back is not told: the batch comes again.
    batch = log.batch(b"{")
    await sql.execute("update offsets set next_offset = next_offset + 1")
    with structlog.testing.capture_logs() as logged, pytest.raises(OffsetsMoved):
        await recorder.record(batch)
    assert logged == []
    await recorder.close()
