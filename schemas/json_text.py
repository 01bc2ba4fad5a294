"""JSON as events compare it: one kind of number, sorted keys, strings and absence as they are.

The usual message holds no fraction and no exponent, and orjson alone reads and writes it. Only where a float
turns up is the message read again, slowly and exactly: 1.0 and 1e0 are 1, and whole numbers beyond 64 bits
differ.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from schemas.rules import Refused

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
_WITHOUT_PARTS = frozenset((str, int, bool, type(None)))
# What orjson reads and writes as whole numbers, so that both ways of reading write them alike.
_WHOLE_NUMBERS = range(-(2**63), 2**64)
_WHOLE_NUMBER_DIGITS = 20
# Nobody means a number with an exponent of so many digits; longer ones are compared as they are written.
_EXPONENT_LENGTH = 18
_POINTER_LENGTH = 500


def read(text: bytes, pointer: str) -> Any:
    """The JSON value of `text`, which stands at `pointer` in the event. Raises `Refused`."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = str(error).replace("\0", "NUL")
        raise Refused(
            "not_json", pointer, f"it cannot be read ({reason}): send one JSON text in UTF-8"
        ) from None


def refuse_nul(text: bytes, value: Any, pointer: str) -> None:
    """Raise `Refused` where a NUL stands in `value`, which `read` made of `text`."""
    # A quick search first: JSON can write NUL as an escape alone, and hardly a message holds any escape.
    if b"\\" in text and _NUL.search(text) is not None:
        raise Refused("nul", pointer + pointer_of(_path_to_nul(value)), "it cannot be stored: take it out")


def holds_a_float(value: Any) -> bool:
    """Whether a float stands anywhere in an object or array; a whole number beyond 64 bits is one, too."""
    pending = [value]
    while pending:
        part = pending.pop()
        children = part.values() if type(part) is dict else part
        kinds = set(map(type, children))
        if not kinds <= _WITHOUT_PARTS:
            if float in kinds:
                return True
            pending.extend(child for child in children if type(child) is dict or type(child) is list)
    return False


def read_exactly(text: bytes) -> Any:
    """What `read` took and `canonical` wrote, read once more with `exact_number` for every number."""
    return json.loads(text, parse_int=exact_number, parse_float=exact_number)


def canonical(value: Any, pointer: str) -> bytes:
    """Bytes that are equal for equal JSON: sorted keys, no blanks. Raises `Refused`."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise Refused("too_deep", pointer, "send what is deeper as a string, or leave it out") from None


def exact_number(text: str) -> int | orjson.Fragment:
    """A number of JSON, written alike for equal numbers: an `int` where it is whole and within 64 bits."""
    match = _NUMBER.fullmatch(text)
    assert match is not None, text
    sign, whole, fraction, exponent = match[1], match[2], match[3] or "", match[4] or "0"
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return 0
    if len(exponent) > _EXPONENT_LENGTH:
        return orjson.Fragment(text.lower())
    significant = digits.rstrip("0")
    scale = int(exponent) - len(fraction) + len(digits) - len(significant)
    if scale >= 0 and len(significant) + scale <= _WHOLE_NUMBER_DIGITS:
        number = int(sign + significant + "0" * scale)
        if number in _WHOLE_NUMBERS:
            return number
    return orjson.Fragment(f"{sign}{significant}e{scale}")


def pointer_of(path: Iterable[str | int]) -> str:
    """The JSON pointer of a path of names and indices; a long one ends early, at a part around the place."""
    pointer = ""
    for step in path:
        longer = f"{pointer}/{str(step).replace('~', '~0').replace('/', '~1')}"
        if len(longer) > _POINTER_LENGTH:
            break
        pointer = longer
    return pointer


def _path_to_nul(value: Any) -> Sequence[str | int]:
    """Where the first string with a NUL stands, or the object with a NUL in a name."""
    # A path is written out once, when it is found: a pointer for each part of a message could be a thousand
    # times as large as the message.
    path: list[str | int] = []
    pending = [_parts(value)]
    while pending:
        for step, part in pending[-1]:
            if type(step) is str and "\0" in step:
                return path
            if type(part) is str and "\0" in part:
                return [*path, step]
            if type(part) is dict or type(part) is list:
                path.append(step)
                pending.append(_parts(part))
                break
        else:
            pending.pop()
            del path[-1:]
    return path


def _parts(value: Any) -> Iterable[tuple[str | int, Any]]:
    if type(value) is dict:
        return iter(value.items())
    return iter(enumerate(value)) if type(value) is list else iter(())
