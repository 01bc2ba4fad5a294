"""Bad messages among the good ones, for showing what happens to them. The good ones stay as they were."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import orjson

from schemas.instants import format_instant, parse_instant
from tokens.simulate.dice import Dice
from tokens.simulate.moments import HOUR
from tokens.simulate.options import Options

Message = dict[str, Any]

DATES = ("order_date", "ship_date")
INSTANTS = ("returned_at", "applied_at", "unapplied_at", "activated_at", "transferred_at")


def _not_json(message: Message) -> bytes:
    """A line that was cut off on its way."""
    whole = orjson.dumps(message)
    return whole[: len(whole) * 2 // 3]


def _not_utf8(message: Message) -> bytes:
    """A producer that writes Latin-1."""
    return orjson.dumps({**message, "source": "/erp/café"}).decode().encode("latin-1")


def _naive_instant(message: Message) -> bytes:
    """An instant without its zone."""
    return orjson.dumps({**message, "time": message["time"].removesuffix("Z")})


def _digits_for_instant(message: Message) -> bytes:
    """Seconds since 1970 where an instant belongs."""
    return orjson.dumps({**message, "time": parse_instant(message["time"]) // 1_000_000})


def _wrong_type(message: Message) -> bytes:
    """A number where the contract has a text: identifiers lose their leading zeros that way."""
    return orjson.dumps(_with_first_field(message, 4711))


def _missing_field(message: Message) -> bytes:
    """Data without the field that says what it is about."""
    field = next(iter(message["data"]))
    return orjson.dumps({**message, "data": {k: v for k, v in message["data"].items() if k != field}})


def _nul(message: Message) -> bytes:
    """A NUL in an identifier, which Postgres cannot store."""
    return orjson.dumps(_with_first_field(message, "ST\0" + "1"))


def _unknown_type(message: Message) -> bytes:
    """An event of somebody else's on the same topic."""
    return orjson.dumps({**message, "type": "example.invoice.paid.v1"})


def _unknown_version(message: Message) -> bytes:
    """A version that nobody has defined."""
    return orjson.dumps({**message, "type": message["type"].removesuffix("v1") + "v9"})


def _other_content(message: Message) -> bytes:
    """The id of an event that was delivered before, with other data: valid alone, a contradiction."""
    data = dict(message["data"])
    for field, value in data.items():
        if field in DATES:
            data[field] = (date.fromisoformat(value) - timedelta(days=1)).isoformat()
        elif field in INSTANTS:
            data[field] = format_instant(parse_instant(value) - HOUR)
        elif field == "reason":
            data[field] = f"{value}, corrected"
    return orjson.dumps({**message, "data": data})


KEEPS_ID = _other_content
KINDS: tuple[Callable[[Message], bytes], ...] = (
    _not_json,
    _naive_instant,
    _wrong_type,
    _unknown_type,
    _nul,
    _other_content,
    _missing_field,
    _digits_for_instant,
    _unknown_version,
    _not_utf8,
)


def _with_first_field(message: Message, value: object) -> Message:
    field = next(iter(message["data"]))
    return {**message, "data": {**message["data"], field: value}}


def with_bad_messages(
    lines: Iterator[bytes], good_messages: int, bad_messages: int, options: Options
) -> Iterator[bytes]:
    """The lines and so many bad ones, each kind in turn, each made from the good line before it."""
    dice = Dice("bad messages", options.company_number, options.seed)
    places = sorted(dice.whole(1, good_messages) for _ in range(bad_messages))
    made = 0
    for position, line in enumerate(lines, 1):
        yield line
        while made < bad_messages and places[made] == position:
            kind = KINDS[made % len(KINDS)]
            made += 1
            message = orjson.loads(line)
            if kind is not KEEPS_ID:
                message["id"] = f"bad/{options.company_number}/{made}"
            yield kind(message)
