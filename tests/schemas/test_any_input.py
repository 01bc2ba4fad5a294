"""Whatever bytes and headers come in, there is an event or a reason, never an exception."""

import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.envelope import Event, parse
from schemas.golden import GOLDEN
from schemas.headers import Headers
from schemas.rules import RULES, Invalid
from schemas.topics import EVENT_TYPES
from tests.schemas.messages import binary, encoded

ODD_TEXTS = ["", " ", "\0", "\n", "x" * 600, "2026-03-02T07:00:00", "1.0", "é", "\ufeff", "~/"]
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"))
    | st.sampled_from(ODD_TEXTS),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=8,
)
HEADERS = st.lists(
    st.tuples(
        st.sampled_from(
            ["content-type", "ce_id", "ce_source", "ce_type", "ce_time", "ce_specversion", "CE_Id", "ce_"]
        )
        | st.text(),
        st.none()
        | st.binary(max_size=20)
        | st.sampled_from([b"1.0", b"application/cloudevents+json", b"application/json"]),
    ),
    max_size=6,
)


def in_order(value: bytes | None, headers: Headers) -> Event | Invalid:
    """What `parse` makes of the message, after checking that it can be told and stored."""
    read = parse(value, headers)
    if isinstance(read, Invalid):
        assert read.rule in RULES
        assert RULES[read.rule] in read.message
        assert read.pointer == "" or read.pointer.startswith("/")
        for text in (read.message, read.pointer, read.source or "", read.id or ""):
            assert "\0" not in text
            assert len(text) < 2_000
            text.encode()
    else:
        assert read.type in EVENT_TYPES
        assert (len(read.identity), len(read.content)) == (16, 16)
    return read


@given(st.none() | st.binary(), HEADERS)
def test_any_bytes(value: bytes | None, headers: Headers) -> None:
    in_order(value, headers)


@given(JSON, HEADERS)
def test_any_json(document: Any, headers: Headers) -> None:
    in_order(encoded(document), headers)


def places(part: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all parts of a JSON value but the whole."""
    steps: list[tuple[str | int, Any]] = []
    if isinstance(part, dict):
        steps = list(part.items())
    elif isinstance(part, list):
        steps = list(enumerate(part))
    return [found for step, child in steps for found in [(*path, step), *places(child, (*path, step))]]


@settings(max_examples=400)
@given(st.data())
def test_a_golden_event_with_anything_anywhere(data: st.DataObject) -> None:
    event = copy.deepcopy(GOLDEN[data.draw(st.sampled_from(sorted(EVENT_TYPES)))])
    *path, last = data.draw(st.sampled_from(places(event)))
    parent: Any = event
    for step in path:
        parent = parent[step]
    parent[last] = data.draw(JSON)
    structured = in_order(encoded(event), ())
    attributes = [value for name, value in event.items() if name != "data"]
    if all(isinstance(value, str) and value for value in attributes):
        other = in_order(*binary(event))
        if isinstance(structured, Event):
            assert structured == other
        else:
            assert isinstance(other, Invalid)
            assert other.rule == structured.rule


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_retraction_names_any_event_that_was_taken(source: str, event_id: str) -> None:
    event = {**GOLDEN["servicetokens.token.applied.v1"], "source": source, "id": event_id}
    retraction = copy.deepcopy(GOLDEN["servicetokens.event.retracted.v1"])
    retraction["data"] |= {"event_source": source, "event_id": event_id}
    assert isinstance(in_order(encoded(event), ()), Event) == isinstance(
        in_order(encoded(retraction), ()), Event
    )


def test_json_that_python_alone_would_write_is_no_json() -> None:
    for value in (float("nan"), float("inf")):
        read = in_order(json.dumps({"a": value}).encode(), ())
        assert isinstance(read, Invalid)
        assert read.rule == "not_json"
