"""A page of dead letters, newest first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from projections.dead_letters.letter import LETTER_RULES, Letter, State
from projections.dead_letters.reading import LISTED, letter_of
from projections.query.arguments import Arguments
from projections.query.parameters import DEFAULT_LIMIT, MAX_LIMIT, Given, Parameter, choice_parser
from schemas.topics import INPUT_TOPICS

if TYPE_CHECKING:
    from projections.query.database import Reader

ALL_STATES = "all"

RULE = Parameter(
    "rule",
    "Only letters that break this rule.",
    {"type": "string", "enum": list(LETTER_RULES)},
    "not_json",
)
TOPIC = Parameter(
    "topic",
    "Only letters from this topic (its name without prefix).",
    {"type": "string", "enum": list(INPUT_TOPICS)},
    "orders",
)
STATE = Parameter(
    "state",
    "What became of the letters: `open` ones wait; `all` are all.",
    {"type": "string", "enum": [*map(str, State), ALL_STATES], "default": str(State.OPEN)},
    "discarded",
)
LIMIT = Parameter(
    "limit",
    "How many letters a page has at most.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    20,
)
AFTER = Parameter(
    "after",
    "The `next` of a page, to get the one that follows it: letters older than that one.",
    {"type": "integer", "minimum": 1, "maximum": 10**18 - 1},
    17,
)
LIST_PARAMETERS = (RULE, TOPIC, STATE, LIMIT, AFTER)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """Which letters: those of a rule, a topic (without prefix), a state; None is any."""

    rule: str | None
    topic: str | None
    state: State | None
    limit: int
    after: int | None


@dataclass(frozen=True, slots=True)
class LetterPage:
    """Letters, newest first, and the `after` of the next page; None on the last."""

    letters: list[Letter]
    next: int | None

    def as_json(self) -> dict[str, object]:
        """The object that the API and `tokens dead-letters list --json` give."""
        return {"dead_letters": [letter.as_json() for letter in self.letters], "next": self.next}


def read_list_request(pairs: Sequence[tuple[str, str]]) -> ListRequest:
    """The page asked for. Raises `BadQuery` with everything that is wrong."""
    given = Given(pairs, LIST_PARAMETERS)
    state = given.one(STATE, choice_parser(STATE, str), str(State.OPEN))
    asked = ListRequest(
        rule=given.one(RULE, choice_parser(RULE, _or_any), None),
        topic=given.one(TOPIC, choice_parser(TOPIC, _or_any), None),
        state=None if state == ALL_STATES else State(state),
        limit=given.one(LIMIT, _parse_limit, DEFAULT_LIMIT),
        after=given.one(AFTER, _parse_after, None),
    )
    given.finish()
    return asked


async def list_letters(connection: "Reader", asked: ListRequest) -> LetterPage:
    """The page. The messages themselves, which may be large, are not read."""
    arguments = Arguments()
    conditions = ["true"]
    if asked.rule is not None:
        conditions.append(f"rule = {arguments.bind(asked.rule, 'text')}")
    if asked.topic is not None:
        # No input topic's name is the end of another's, so this finds it behind any prefix.
        conditions.append(f"right(topic, {len(asked.topic)}) = {arguments.bind(asked.topic, 'text')}")
    if asked.state is not None:
        conditions.append(f"state = {arguments.bind(str(asked.state), 'text')}")
    if asked.after is not None:
        conditions.append(f"dead_letter < {arguments.bind(asked.after, 'bigint')}")
    # One more than asked for tells whether there is a next page.
    rows = await connection.fetch(
        f"select {LISTED} from dead_letters where {' and '.join(conditions)} "
        f"order by dead_letter desc limit {arguments.bind(asked.limit + 1, 'integer')}",
        *arguments.values,
    )
    letters = [letter_of(row) for row in rows[: asked.limit]]
    return LetterPage(letters, letters[-1].dead_letter if len(rows) > asked.limit else None)


def _or_any(text: str) -> str | None:
    return text


def _parse_limit(text: str) -> int:
    if re.fullmatch("[0-9]{1,9}", text) is None or not 1 <= int(text) <= MAX_LIMIT:
        raise ValueError(f"{LIMIT.name!r} is a whole number from 1 to {MAX_LIMIT}, not {text!r}")
    return int(text)


def _parse_after(text: str) -> int | None:
    if re.fullmatch("[0-9]{1,18}", text) is None or int(text) == 0:
        raise ValueError(f"{AFTER.name!r} is the number of a dead letter, not {text!r}")
    return int(text)
