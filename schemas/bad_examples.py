"""One bad example for every rule: a golden example with one thing wrong, or bytes that are no event at all.

`schemas.generate` writes them to `schemas/examples/bad/`, and the tests hold `parse` to rule and place.
"""

import copy
from dataclasses import dataclass
from typing import Any

import orjson

from schemas.golden import GOLDEN
from schemas.headers import STRUCTURED_CONTENT_TYPE

_REMOVED = object()
_STRUCTURED = (("content-type", STRUCTURED_CONTENT_TYPE.encode()),)


@dataclass(frozen=True, slots=True)
class BadExample:
    """A message that breaks `rule` at the JSON pointer `pointer`."""

    rule: str
    pointer: str
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = _STRUCTURED


def _golden(type_name: str) -> dict[str, Any]:
    return copy.deepcopy(GOLDEN[f"servicetokens.{type_name}.v1"])


def _encoded(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _golden_with(rule: str, type_name: str, pointer: str, value: Any) -> BadExample:
    """The golden example of a type with another value at the place, or none where `value` is `_REMOVED`."""
    event = _golden(type_name)
    *path, last = (int(step) if step.isdecimal() else step for step in pointer.split("/")[1:])
    parent: Any = event
    for step in path:
        parent = parent[step]
    if value is _REMOVED:
        del parent[last]
    else:
        parent[last] = value
    return BadExample(rule, pointer, _encoded(event))


def _in_binary_mode(rule: str, pointer: str, *more_headers: tuple[str, bytes]) -> BadExample:
    """The golden application in binary mode, with `more_headers` in place of its own `source`."""
    event = _golden("token.applied")
    headers = [(f"ce_{name}", event[name].encode()) for name in ("specversion", "id", "type", "time")]
    headers += [("content-type", b"application/json"), *more_headers]
    return BadExample(rule, pointer, _encoded(event["data"]), tuple(headers))


_NESTED_300_DEEP = orjson.loads("[" * 300 + "]" * 300)

BAD_EXAMPLES: tuple[BadExample, ...] = (
    BadExample("empty", "", b""),
    BadExample("too_large", "", b" " * (4 * 1024 * 1024 + 1)),
    BadExample("not_json", "", b'{"specversion": "1.0", "id": "SO-20418/2", }\n'),
    BadExample(
        "too_deep",
        "/data",
        _encoded(_golden("token.applied")).replace(
            b'"data": {', b'"data": {"x": ' + b"[" * 300 + b"]" * 300 + b","
        ),
    ),
    _golden_with("nul", "token.applied", "/data/station_name", "Garage\0North"),
    _golden_with("content_type", "token.applied", "/datacontenttype", "application/xml"),
    _in_binary_mode("not_utf8", "/source", ("ce_source", "urn:köln".encode("latin-1"))),
    _in_binary_mode("repeated_header", "/source", ("ce_source", b"urn:erp"), ("ce_source", b"urn:portal")),
    _golden_with("specversion", "order.placed", "/specversion", "0.3"),
    _golden_with("unknown_type", "order.placed", "/type", "servicetokens.order.lost.v1"),
    _golden_with("unknown_version", "order.placed", "/type", "servicetokens.order.placed.v2"),
    _golden_with("data_base64", "order.placed", "/data_base64", "e30="),
    _golden_with("missing", "order.placed", "/data/org_id", _REMOVED),
    _golden_with("wrong_type", "order.placed", "/data/lines/0/term_years", "3"),
    _golden_with("too_long", "order.placed", "/data/sales_order", "SO-" + 126 * "0"),
    _golden_with("surrounding_blank", "token.applied", "/data/token_serial", "ST-4F7K-0001 "),
    _golden_with("control_character", "token.applied", "/data/token_serial", "ST-4F7K\t0001"),
    _golden_with("out_of_range", "order.placed", "/data/lines/0/term_years", 100),
    _golden_with("not_instant", "token.applied", "/data/applied_at", "2026-03-02 07:00:00Z"),
    _golden_with("naive_instant", "token.applied", "/data/applied_at", "2026-03-02T07:00:00"),
    _golden_with("leap_second", "token.applied", "/data/applied_at", "2016-12-31T23:59:60Z"),
    _golden_with("not_date", "order.placed", "/data/order_date", "2026-02-30"),
    _golden_with("empty_list", "token.transferred", "/data/token_serials", []),
    _golden_with("repeated_line", "order.placed", "/data/lines/1/line", "1"),
    _golden_with("repeated_serial", "order.shipped", "/data/lines/1/token_serials/0", "ST-4F7K-0001"),
    _golden_with(
        "too_many_serials", "token.returned", "/data/token_serials", [f"T{n}" for n in range(10_001)]
    ),
    _golden_with("activated_after_time", "station.activated", "/data/activated_at", "2026-03-13T11:30:06Z"),
)
