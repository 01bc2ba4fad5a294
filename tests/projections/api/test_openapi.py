"""The OpenAPI document: an example of every parameter, body and answer, each as its schema has it."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from tests.projections.read.serving import NOWHERE, app_of

DOCUMENT: dict[str, Any] = app_of(NOWHERE).openapi()
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
# A cursor is of one list alone: none can be made up that another reader could use.
CURSOR = "after"


def _examples(declared: dict[str, Any]) -> list[Any]:
    """What a parameter or a body shows, itself or in its schema."""
    schema = declared.get("schema", {})
    return [place["example"] for place in (declared, schema) if "example" in place]


def _contents(parts: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from parts.get("content", {}).items()


def _check(example: Any, schema: dict[str, Any]) -> None:
    whole = {**schema, "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).validate(example)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_parameter_has_an_example(name: str) -> None:
    for parameter in OPERATIONS[name].get("parameters", ()):
        if parameter["name"] == CURSOR and parameter["schema"]["type"] == "string":
            continue
        [example] = _examples(parameter)
        _check(example, parameter["schema"])
        assert parameter["description"], parameter["name"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_answer_has_an_example(name: str) -> None:
    answers = [answer for status, answer in OPERATIONS[name]["responses"].items() if status.startswith("2")]
    contents = [each for answer in answers for each in _contents(answer)]
    assert contents
    for media_type, content in contents:
        if content.get("schema", {}).get("format") == "binary":
            continue
        [example] = _examples(content)
        assert example, media_type
        _check(example, content["schema"])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_has_an_example(name: str) -> None:
    for _, content in _contents(OPERATIONS[name].get("requestBody", {})):
        [example] = _examples(content)
        _check(example, content["schema"])


def test_problems_have_an_example() -> None:
    schema = DOCUMENT["components"]["schemas"]["Problem"]
    _check(schema["example"], schema)


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_call_says_what_it_is_for(name: str) -> None:
    operation = OPERATIONS[name]
    assert operation["summary"]
    assert all(answer["description"] for answer in operation["responses"].values())
    assert operation["operationId"]
