"""Letters go back to their topics, and are marked when the broker has them."""

import asyncpg
import pytest
from confluent_kafka import Consumer, TopicPartition

from projections.dead_letters import settling
from projections.dead_letters.letter import State
from projections.dead_letters.listing import ListRequest, list_letters
from projections.dead_letters.refusals import NotOpen, UnknownLetter, WrongEdit
from projections.dead_letters.settling import Requeued, discard, requeue, requeue_open
from projections.publishing.message import MessagePlace, NotPublished, Outgoing
from projections.publishing.publisher import KafkaPublisher, NotTaken, Outcome, Publisher
from tests import events
from tests.projections.dead_letters.conftest import Hands, Letters
from tests.projections.recorder import stored
from tests.reference import rules
from tests.reference.histories import ZONE
from tokens.settings import Settings

ORDER = events.order(["T1"])
WRONG = events.encoded(events.with_data(ORDER, order_date="soon"))
BINARY = [
    *((f"ce_{name}", ORDER[name].encode()) for name in ("specversion", "id", "source", "type", "time")),
    ("content-type", b"application/json"),
]


def unheard(*_: object) -> None:
    """For a requeue that nobody watches."""


def message_at(settings: Settings, place: MessagePlace) -> tuple[bytes | None, bytes | None, object]:
    """Key, value and headers of what lies there."""
    consumer = Consumer({"bootstrap.servers": settings.kafka, "group.id": "unused"})
    consumer.assign([TopicPartition(*place)])
    message = consumer.poll(30)
    consumer.close()
    assert message is not None
    assert message.error() is None
    return message.key(), message.value(), message.headers()


async def test_one_requeued_as_it_was_keeps_key_value_and_headers_and_names_its_origin(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, settings: Settings
) -> None:
    headers = [*BINARY, ("traceparent", b"\xff\x00"), ("none", b"")]
    number = await letters.made_of(b'{"sales_order": 1}', headers=headers)
    first = (await letters.one(number)).letter
    place = await requeue(hands, publisher, number)
    _, value, sent = message_at(settings, place)
    assert (place.topic, value) == (settings.topic("orders"), b'{"sales_order": 1}')
    assert sent == [
        *headers,
        ("requeued-from", str(first.place).encode()),
        ("requeued-dead-letter", str(number).encode()),
    ]
    # It is as wrong as before: a letter of its own, which says of which it came, and the other way round.
    await letters.recorded()
    again, settled = await letters.all()
    assert again.requeued_from is not None
    assert (again.requeued_from.dead_letter, again.requeued_from.place) == (number, first.place)
    assert (again.place, again.state, again.rule) == (place, State.OPEN, first.rule)
    assert (settled.state, settled.requeued_to, settled.edited) == (State.REQUEUED, place, False)
    assert settled.settled_at is not None
    assert settled.settled_at >= again.published_at
    assert (await letters.one(number)).failed_again_as == again.dead_letter
    assert (await letters.one(again.dead_letter)).failed_again_as is None


@pytest.mark.parametrize("headers", [BINARY, [("content-type", b"application/cloudevents+json")], []])
async def test_a_corrected_one_is_recorded(
    headers: list[tuple[str, bytes]], letters: Letters, hands: Hands, publisher: KafkaPublisher
) -> None:
    number = await letters.made_of(WRONG, headers=headers)
    await requeue(hands, publisher, number, edit=events.encoded(ORDER))
    await letters.recorded()
    assert await letters.states() == [State.REQUEUED]
    assert await stored.difference(hands, rules.history_of([ORDER], ZONE)) is None
    whole = await letters.one(number)
    assert whole.letter.edited
    assert whole.value == WRONG, "what came is kept"
    assert whole.failed_again_as is None


async def test_a_message_without_key_and_value_is_requeued_too(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, settings: Settings
) -> None:
    number = await letters.made_of(None, headers=[])
    place = await requeue(hands, publisher, number)
    assert message_at(settings, place)[:2] == (None, None)


async def test_a_key_is_kept(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, settings: Settings
) -> None:
    number = await letters.made_of(b"{")
    await hands.execute("update dead_letters set key = $1", b"\xffkey")
    place = await requeue(hands, publisher, number)
    assert message_at(settings, place)[0] == b"\xffkey"


async def test_a_correction_that_is_wrong_itself_is_refused(
    letters: Letters, hands: Hands, publisher: KafkaPublisher
) -> None:
    number = await letters.made_of(WRONG)
    with pytest.raises(WrongEdit):
        await requeue(hands, publisher, number, edit=WRONG)
    assert await letters.states() == [State.OPEN]


async def test_one_settled_is_requeued_only_when_asked_again(
    letters: Letters, hands: Hands, publisher: KafkaPublisher
) -> None:
    number = await letters.made_of(WRONG)
    place = await requeue(hands, publisher, number, edit=events.encoded(ORDER))
    with pytest.raises(NotOpen, match=f"dead letter {number} was requeued at 20.*Z, to {place}; .*again"):
        await requeue(hands, publisher, number)
    with pytest.raises(NotOpen, match="was requeued"):
        await discard(hands, number, "too late")
    assert await requeue(hands, publisher, number, edit=events.encoded(ORDER), again=True) != place
    await letters.recorded()
    assert await letters.states() == [State.REQUEUED], "a known event is a no-op"
    other = await letters.made_of(b"[")
    await discard(hands, other, "from a test")
    with pytest.raises(NotOpen, match=f"dead letter {other} was discarded at 20.*Z, because: from a test"):
        await requeue(hands, publisher, other)
    await requeue(hands, publisher, other, again=True)
    assert (await letters.one(other)).letter.reason == "from a test"
    with pytest.raises(UnknownLetter):
        await requeue(hands, publisher, 999_999)


async def test_one_discarded_is_kept_with_its_reason(letters: Letters, hands: Hands) -> None:
    number = await letters.made_of(b"{")
    await discard(hands, number, "a test of the ERP's")
    whole = await letters.one(number)
    assert (whole.letter.state, whole.letter.reason, whole.value) == (
        State.DISCARDED,
        "a test of the ERP's",
        b"{",
    )
    assert (await list_letters(hands, ListRequest(None, None, State.OPEN, 10, None))).letters == []
    with pytest.raises(NotOpen, match="was discarded"):
        await discard(hands, number, "again")
    with pytest.raises(UnknownLetter, match="there is no dead letter 999999"):
        await discard(hands, 999_999, "x")


async def test_two_never_settle_one_at_once(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, sql: asyncpg.Connection
) -> None:
    number, other = await letters.made_of(b"{"), await letters.made_of(b"[")
    async with sql.transaction():
        await sql.execute("select 1 from dead_letters where dead_letter = $1 for update", number)
        with pytest.raises(NotOpen, match="at this moment"):
            await requeue(hands, publisher, number)
        with pytest.raises(NotOpen, match="at this moment"):
            await discard(hands, number, "x")
        done = await requeue_open(hands, publisher, None, on_progress=unheard, on_refused=unheard)
    assert done == Requeued(1, 0, None)
    assert (await letters.one(number)).letter.state == State.OPEN
    assert (await letters.one(other)).letter.state == State.REQUEUED


async def test_many_are_requeued_in_order_and_none_twice(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pieces of three letters at most; those that fail again meanwhile are not taken up again."""
    monkeypatch.setattr(settling, "LETTERS_AT_ONCE", 3)
    await letters.made_of(*(b'{"n": %d' % number for number in range(10)))
    await letters.made_of(b"", b"")
    heard: list[tuple[int, int]] = []
    done = await requeue_open(
        hands,
        publisher,
        "not_json",
        on_progress=lambda done, total: heard.append((done, total)),
        on_refused=unheard,
    )
    assert done == Requeued(10, 0, None)
    assert heard == [(3, 10), (6, 10), (9, 10), (10, 10)]
    await letters.recorded()
    every = list(reversed(await letters.all()))
    assert [letter.state for letter in every] == [
        *[State.REQUEUED] * 10,
        *[State.OPEN] * 12,
    ]
    came_back = [letter.requeued_from.dead_letter for letter in every[12:] if letter.requeued_from]
    assert sorted(came_back) == [letter.dead_letter for letter in every[:10]]
    assert await requeue_open(hands, publisher, None, on_progress=unheard, on_refused=unheard) == Requeued(
        12, 0, None
    )


async def test_large_letters_are_not_in_memory_at_once(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "BYTES_AT_ONCE", 25_000)
    await letters.made_of(*(b"x" * 10_000 for _ in range(4)), b"x" * 50_000, b"x")
    pieces: list[int] = []

    class Watched:
        async def publish(self, messages: list[Outgoing]) -> list[Outcome]:
            pieces.append(len(messages))
            return await publisher.publish(messages)

    watched: Publisher = Watched()  # type: ignore[assignment]
    assert (await requeue_open(hands, watched, None, on_progress=unheard, on_refused=unheard)).requeued == 6
    assert pieces == [2, 2, 1, 1]


async def test_a_broker_that_is_away_leaves_letters_as_they_were(letters: Letters, hands: Hands) -> None:
    number = await letters.made_of(b"{")
    nobody = KafkaPublisher("127.0.0.1:1")
    with pytest.raises(NotPublished, match=r"Kafka at 127\.0\.0\.1:1 does not answer"):
        await requeue(hands, nobody, number)
    done = await requeue_open(hands, nobody, None, on_progress=unheard, on_refused=unheard)
    assert (done.requeued, done.refused) == (0, 0)
    assert "does not answer" in (done.stopped or "")
    assert await letters.states() == [State.OPEN]
    await nobody.close()


async def test_a_topic_that_is_gone_is_not_made_anew_and_hinders_no_other(
    letters: Letters, hands: Hands, publisher: KafkaPublisher, settings: Settings
) -> None:
    gone, other = await letters.made_of(b"{"), await letters.made_of(b"[")
    await hands.execute("update dead_letters set topic = 'gone' where dead_letter = $1", gone)
    with pytest.raises(NotPublished, match=f"dead letter {gone} was not requeued: Kafka has no topic gone"):
        await requeue(hands, publisher, gone)
    refused: list[tuple[int, str]] = []
    done = await requeue_open(
        hands, publisher, None, on_progress=unheard, on_refused=lambda *each: refused.append(each)
    )
    assert done == Requeued(1, 1, None)
    assert refused == [(gone, "Kafka has no topic gone")]
    assert (await letters.one(gone)).letter.state == State.OPEN
    assert (await letters.one(other)).letter.state == State.REQUEUED


async def test_only_what_the_broker_acknowledged_is_marked(letters: Letters, hands: Hands) -> None:
    """And nothing more is sent to a broker that no longer acknowledges."""
    numbers = [await letters.made_of(value) for value in (b"{", b"[", b"(")]
    calls = []

    class Half:
        async def publish(self, messages: list[Outgoing]) -> list[Outcome]:
            calls.append(len(messages))
            return [MessagePlace("orders", 0, 7), *(NotTaken("it is slow", False) for _ in messages[1:])]

    half: Publisher = Half()  # type: ignore[assignment]
    done = await requeue_open(hands, half, None, on_progress=unheard, on_refused=unheard)
    assert done == Requeued(1, 2, "it is slow")
    assert calls == [3]
    assert await letters.states() == [State.REQUEUED, State.OPEN, State.OPEN]
    assert (await letters.one(numbers[0])).letter.requeued_to == MessagePlace("orders", 0, 7)
