"""JSON as the events compare it: one kind of number, sorted keys, strings and absence as they are.

The usual message holds no fraction and no exponent, and is read and written by orjson alone. Only where a float turns
up is it read again, slowly and exactly: 1.0 and 1e0 are 1, and whole numbers beyond 64 bits stay what they are.
"""

import json
import re
from typing import Any

import orjson

from schemas.rules import Refused

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NUMBER = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?")
# What orjson reads and writes as whole numbers, so that both ways of reading write them alike.
_WHOLE_NUMBERS = range(-(2**63), 2**64)
_WHOLE_NUMBER_DIGITS = 20
# No number that anybody means has an exponent of so many digits; longer ones are compared as they are written.
_EXPONENT_LENGTH = 18


def read(text: bytes, pointer: str) -> Any:
    """The JSON value of `text`, which stands at `pointer` in the event. Raises `Refused`."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        reason = str(error).replace("\0", "NUL")
        raise Refused("not_json", pointer, f"it cannot be read: {reason}; send one JSON text in UTF-8") from None
    # A quick search first: NUL can only be written as an escape, which hardly a message holds.
    if b"\\u0000" in text and _NUL.search(text) is not None:
        raise Refused("nul", pointer + pointer_to_nul(value), "take the NUL out; it cannot be stored")
    return value


def canonical(value: Any, pointer: str) -> bytes:
    """The bytes that are equal for equal JSON: keys sorted, no blanks. Raises `Refused`."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise Refused("too_deep", pointer, "nest arrays and objects at most 254 levels deep") from None


def holds_a_float(value: Any) -> bool:
    """Whether a float stands anywhere in parsed JSON (whole numbers beyond 64 bits are floats there, too)."""
    pending = [value]
    while pending:
        part = pending.pop()
        children = part.values() if type(part) is dict else part
        kinds = set(map(type, children))
        if float in kinds:
            return True
        if dict in kinds or list in kinds:
            pending.extend(child for child in children if type(child) is dict or type(child) is list)
    return False


def read_exactly(text: bytes, pointer: str) -> Any:
    """As `read`, of text that `read` has taken, but with `exact_number` for every number. Raises `Refused`."""
    try:
        return json.loads(text, parse_int=exact_number, parse_float=exact_number)
    except RecursionError:
        raise Refused("too_deep", pointer, "nest arrays and objects at most 254 levels deep") from None


def exact_number(text: str) -> int | orjson.Fragment:
    """A number of JSON, equal for equal numbers: an `int` where it is whole and within 64 bits."""
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


def pointer_to_nul(value: Any) -> str:
    """The JSON pointer of the first name or string with a NUL; "" where there is none."""
    pending = [("", value)]
    while pending:
        pointer, part = pending.pop()
        if type(part) is str:
            if "\0" in part:
                return pointer
        elif type(part) is dict:
            if any("\0" in name for name in part):
                return pointer
            pending.extend((f"{pointer}/{escape(name)}", child) for name, child in reversed(part.items()))
        elif type(part) is list:
            pending.extend((f"{pointer}/{index}", part[index]) for index in range(len(part) - 1, -1, -1))
    return ""


def escape(name: str) -> str:
    """A name as one token of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")
