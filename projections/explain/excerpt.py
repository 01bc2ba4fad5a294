"""The data of an event, without what concerns other tokens: an order may name ten thousand of them."""

from typing import Any

import orjson

from lifecycle.recording import Message
from lifecycle.subjects import line_key
from schemas.envelope import Event
from schemas.events import OrderPlaced, OrderShipped
from schemas.headers import binary_attributes


def excerpt_of(message: Message, event: Event, serial: str, line_keys: list[str]) -> dict[str, Any]:
    """The data as it came, unknown fields included; other serials, and lines that are not the token's, left out.

    `serials_left_out` and `lines_left_out` beside what is left say how many those are.
    """
    assert message.value is not None
    document = orjson.loads(message.value)
    is_binary = bool(message.headers) and binary_attributes(message.headers) is not None
    data: dict[str, Any] = document if is_binary else document["data"]
    if not isinstance(event.data, (OrderPlaced, OrderShipped)):
        return _without_others(data, serial)
    lines = []
    for line in data["lines"]:
        of_token = serial in line["token_serials"]
        if of_token or line_key(line.get("sales_order", data.get("sales_order")), line["line"]) in line_keys:
            lines.append(_without_others(line, serial))
    left_out = len(data["lines"]) - len(lines)
    return {**data, "lines": lines, **({"lines_left_out": left_out} if left_out else {})}


def _without_others(data: dict[str, Any], serial: str) -> dict[str, Any]:
    serials = data.get("token_serials")
    if not isinstance(serials, list):
        return data
    own = [each for each in serials if each == serial]
    left_out = len(serials) - len(own)
    return {**data, "token_serials": own, **({"serials_left_out": left_out} if left_out else {})}
