"""Letters are requeued or discarded: under the lock of their row, so that two never settle one at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from projections.dead_letters.letter import State, WholeLetter
from projections.dead_letters.message import check_edit, requeued
from projections.dead_letters.reading import WHOLE, message_of
from projections.dead_letters.refusals import NotOpen, UnknownLetter
from projections.publishing.message import MessagePlace, NotPublished
from projections.publishing.publisher import NotTaken, Publisher

if TYPE_CHECKING:
    from projections.query.database import Reader

LETTERS_AT_ONCE = 500
BYTES_AT_ONCE = 16 * 1024 * 1024
REASON_MAX_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Requeued:
    """What became of many: how many were published, how many the broker refused, and why it ended early."""

    requeued: int
    refused: int
    stopped: str | None


async def requeue(
    connection: "Reader", publisher: Publisher, number: int, *, edit: bytes | None = None, again: bool = False
) -> MessagePlace:
    """Publish a letter's message to its topic, and mark it once the broker has it; where it lies now.

    `edit` is the corrected event, in structured mode, to publish in its place; `again` takes a letter that is
    settled already. Killed in between, a letter was published and is still open: requeued once more, the same
    event changes nothing. Raises `UnknownLetter`, `NotOpen`, `WrongEdit` or `NotPublished`.
    """
    if edit is not None:
        check_edit(edit)
    async with connection.transaction():
        whole = await _locked(connection, number)
        if whole.letter.state != State.OPEN and not again:
            raise NotOpen.settled(whole.letter, remedy="; ask for it to be requeued `again` if that is meant")
        [outcome] = await publisher.publish([requeued(whole, edit)])
        if isinstance(outcome, NotTaken):
            raise NotPublished(f"dead letter {number} was not requeued: {outcome.sentence}")
        await _mark_requeued(connection, [(number, outcome)], edited=edit is not None)
    return outcome


async def requeue_open(
    connection: "Reader",
    publisher: Publisher,
    rule: str | None,
    *,
    on_progress: Callable[[int, int], None],
    on_refused: Callable[[int, str], None],
) -> Requeued:
    """Requeue all open letters, or those of a rule, as they were, oldest first, in bounded memory.

    Those that arrive meanwhile, such as these when they fail again, are left. `on_progress` hears how many are
    done, of how many; `on_refused` the number of a letter that the broker did not take, and why.
    """
    condition = (
        "state = 'open' and ($1::text is null or rule = $1) and dead_letter > $2 and dead_letter <= $3"
    )
    last = await connection.fetchval("select coalesce(max(dead_letter), 0) from dead_letters")
    total = await connection.fetchval(f"select count(*) from dead_letters where {condition}", rule, 0, last)
    done = refused = reached = 0
    while True:
        sizes = await connection.fetch(
            f"""
            select dead_letter, coalesce(octet_length(value), 0) + octet_length(headers) as size
            from dead_letters where {condition} order by dead_letter limit {LETTERS_AT_ONCE}
            """,
            rule,
            reached,
            last,
        )
        if not sizes:
            return Requeued(done, refused, None)
        numbers = _that_fit([(row["dead_letter"], row["size"]) for row in sizes])
        reached = numbers[-1]
        async with connection.transaction():
            rows = await connection.fetch(
                f"""
                select {WHOLE} from dead_letters where dead_letter = any($1::bigint[]) and state = 'open'
                order by dead_letter for update skip locked
                """,
                numbers,
            )
            letters = [message_of(row) for row in rows]
            try:
                outcomes = await publisher.publish([requeued(whole, None) for whole in letters])
            except NotPublished as error:
                return Requeued(done, refused, str(error))
            taken = []
            stopped = None
            for whole, outcome in zip(letters, outcomes, strict=True):
                if isinstance(outcome, MessagePlace):
                    taken.append((whole.letter.dead_letter, outcome))
                else:
                    refused += 1
                    on_refused(whole.letter.dead_letter, outcome.sentence)
                    stopped = stopped if outcome.others_may else outcome.sentence
            await _mark_requeued(connection, taken, edited=False)
        done += len(taken)
        on_progress(done, total)
        if stopped is not None:
            return Requeued(done, refused, stopped)


async def discard(connection: "Reader", number: int, reason: str) -> None:
    """Keep a letter with the reason why it is left. Raises `UnknownLetter` or `NotOpen`."""
    async with connection.transaction():
        whole = await _locked(connection, number)
        if whole.letter.state != State.OPEN:
            raise NotOpen.settled(whole.letter)
        await connection.execute(
            """
            update dead_letters set state = 'discarded', settled_at = clock_timestamp(), reason = $2
            where dead_letter = $1
            """,
            number,
            reason,
        )


def parse_reason(text: str) -> str:
    """The reason of a discard. Raises `ValueError`."""
    if not text.strip() or len(text) > REASON_MAX_LENGTH:
        raise ValueError(f"a reason has 1 to {REASON_MAX_LENGTH} characters, not all of them blank")
    if not text.isprintable():
        raise ValueError("a reason is one line of printable characters")
    return text


async def _locked(connection: "Reader", number: int) -> WholeLetter:
    try:
        row = await connection.fetchrow(
            f"select {WHOLE} from dead_letters where dead_letter = $1 for update nowait", number
        )
    except asyncpg.LockNotAvailableError:
        raise NotOpen.being_settled(number) from None
    if row is None:
        raise UnknownLetter(number)
    return message_of(row)


async def _mark_requeued(
    connection: "Reader", places: Sequence[tuple[int, MessagePlace]], *, edited: bool
) -> None:
    numbers = [number for number, _ in places]
    await connection.execute(
        """
        update dead_letters set state = 'requeued', settled_at = clock_timestamp(), edited = $5,
            requeued_topic = place.topic, requeued_partition = place.partition, requeued_offset = place."offset"
        from unnest($1::bigint[], $2::text[], $3::integer[], $4::bigint[])
            as place (dead_letter, topic, partition, "offset")
        where dead_letters.dead_letter = place.dead_letter
        """,
        numbers,
        [place.topic for _, place in places],
        [place.partition for _, place in places],
        [place.offset for _, place in places],
        edited,
    )


def _that_fit(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """As many letters, from the first, as may be in memory at once; one at least."""
    numbers: list[int] = []
    total = 0
    for number, size in sizes:
        total += size
        if numbers and total > BYTES_AT_ONCE:
            break
        numbers.append(number)
    return numbers
