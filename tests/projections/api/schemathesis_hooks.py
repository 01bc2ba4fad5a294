"""What no schema can tell schemathesis, so that its questions reach the database; it loads this by name."""

import re
from typing import Any

import schemathesis

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+Z")


@schemathesis.hook
def map_query(_context: Any, query: dict[str, Any] | None) -> dict[str, Any] | None:
    """Questions without cursors that nobody was given, and diffs between two instants in their order."""
    if query is None:
        return None
    query = {name: value for name, value in query.items() if name != "after" or not isinstance(value, str)}
    instants = [query.get("from"), query.get("to")]
    if all(isinstance(instant, str) and _INSTANT.fullmatch(instant) for instant in instants):
        query["from"], query["to"] = sorted(instants)  # type: ignore[type-var]
    return query


@schemathesis.hook
def before_call(_context: Any, case: Any, _kwargs: dict[str, Any]) -> None:
    """Nobody waits for the report: whoever asks thousands of questions would wait for most of the time."""
    if case.query and case.query.get("wait") in (True, "true"):
        case.query["wait"] = False
