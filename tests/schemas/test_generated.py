"""JSON Schemas, golden and bad examples and the AsyncAPI document: generated, committed, and true."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from schemas import generate
from schemas.asyncapi import asyncapi_document
from schemas.bad_examples import BAD_EXAMPLES, BadExample
from schemas.envelope import Event, parse
from schemas.rules import RULES, Invalid
from schemas.topics import EVENT_TYPES, INPUT_TOPICS, OUTPUT_EVENT_TYPES, OUTPUT_TOPICS
from tests.schemas.messages import golden, with_attributes

SCHEMAS = generate.FOLDER
ALL_TYPES = EVENT_TYPES | OUTPUT_EVENT_TYPES
# What a schema of the parsed event cannot tell: bytes and headers, one field against another, the calendar.
BEYOND_JSON_SCHEMA = {
    "empty",
    "too_large",
    "not_json",
    "too_deep",
    "nul",
    "not_utf8",
    "repeated_header",
    "repeated_line",
    "repeated_serial",
    "not_date",
    "activated_after_time",
}


def validator_of(name: str) -> Draft202012Validator:
    schema = json.loads(SCHEMAS.joinpath("json", f"{name}.schema.json").read_bytes())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def golden_files(name: str) -> list[Path]:
    subject, _, version = name.rpartition(".v")
    return list(SCHEMAS.joinpath("examples", subject, version).iterdir())


def test_everything_generated_is_committed_and_up_to_date() -> None:
    assert generate.out_of_date() == [], "run: python -m schemas.generate"


def test_a_file_that_is_missing_changed_or_left_over_is_told_and_put_right(tmp_path: Path) -> None:
    assert generate.write(tmp_path) == sorted(generate.generated_files())
    assert generate.out_of_date(tmp_path) == []
    tmp_path.joinpath("asyncapi.json").unlink()
    tmp_path.joinpath("examples/bad/nul.json").write_bytes(b"{}")
    tmp_path.joinpath("json/left-over.json").write_bytes(b"{}")
    stale = ["asyncapi.json", "examples/bad/nul.json", "json/left-over.json"]
    assert generate.out_of_date(tmp_path) == stale
    assert generate.write(tmp_path) == stale
    assert generate.out_of_date(tmp_path) == []


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_a_golden_example_is_read_and_fits_its_schema(name: str) -> None:
    for file in golden_files(name):
        read = parse(file.read_bytes(), [("content-type", b"application/cloudevents+json")])
        assert isinstance(read, Event)
        assert read.type == name
        validator_of(name).validate(json.loads(file.read_bytes()))


@pytest.mark.parametrize("name", OUTPUT_EVENT_TYPES)
def test_a_golden_announcement_fits_its_schema(name: str) -> None:
    for file in golden_files(name):
        validator_of(name).validate(json.loads(file.read_bytes()))


@pytest.mark.parametrize("name", ALL_TYPES)
def test_a_golden_example_fills_in_every_field(name: str) -> None:
    for file in golden_files(name):
        data = json.loads(file.read_bytes())["data"]
        fields = {field.alias or key for key, field in ALL_TYPES[name].model.model_fields.items()}
        assert data.keys() == fields


def test_every_rule_has_a_bad_example() -> None:
    assert {bad.rule for bad in BAD_EXAMPLES} == RULES.keys()
    assert json.loads(SCHEMAS.joinpath("examples/bad/index.json").read_bytes()).keys() == RULES.keys()


@pytest.mark.parametrize("bad", BAD_EXAMPLES, ids=lambda bad: bad.rule)
def test_a_bad_example_breaks_its_rule_at_its_place(bad: BadExample) -> None:
    read = parse(bad.value, bad.headers)
    assert isinstance(read, Invalid)
    assert (read.rule, read.pointer) == (bad.rule, bad.pointer)
    assert RULES[bad.rule] in read.message


@pytest.mark.parametrize("bad", BAD_EXAMPLES, ids=lambda bad: bad.rule)
def test_a_bad_example_does_not_fit_its_schema_where_a_schema_can_tell(bad: BadExample) -> None:
    if bad.rule in BEYOND_JSON_SCHEMA:
        return
    document = json.loads(bad.value)
    name = document["type"] if document["type"] in EVENT_TYPES else "servicetokens.order.placed.v1"
    assert not validator_of(name).is_valid(document)


@pytest.mark.parametrize(
    "event",
    [
        golden("token.applied", station_name=None, evse_id="", starts_at=""),
        golden("order.placed", revision=None, purchase_order="", customer_reference=None),
        golden("order.placed", revision=1.0, unknown={"a": 1}),
        with_attributes(golden("token.unapplied", station_serial=None), extension=1, datacontenttype=None),
        golden("station.activated", token_serial=""),
    ],
)
def test_the_schemas_take_absence_and_unknown_fields_as_parse_does(event: dict[str, Any]) -> None:
    assert isinstance(parse(json.dumps(event).encode()), Event)
    validator_of(event["type"]).validate(event)


def resolved(document: Any, reference: str) -> Any:
    for step in reference.removeprefix("#/").split("/"):
        document = document[step.replace("~1", "/").replace("~0", "~")]
    return document


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [found for child in part.values() for found in references(child)]
    return [found for child in part for found in references(child)] if isinstance(part, list) else []


def test_the_asyncapi_document_has_every_topic_and_every_type_once() -> None:
    document = asyncapi_document()
    assert document["asyncapi"] == "3.0.0"
    assert tuple(document["channels"]) == INPUT_TOPICS + OUTPUT_TOPICS
    on_channels = [
        (topic, name) for topic, channel in document["channels"].items() for name in channel["messages"]
    ]
    assert sorted(on_channels) == sorted((row.topic, name) for name, row in ALL_TYPES.items())
    assert document["components"]["messages"].keys() == ALL_TYPES.keys()
    actions = {
        operation["channel"]["$ref"].removeprefix("#/channels/"): operation["action"]
        for operation in document["operations"].values()
    }
    assert actions == dict.fromkeys(INPUT_TOPICS, "receive") | dict.fromkeys(OUTPUT_TOPICS, "send")


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = asyncapi_document()
    found = references(document)
    assert found
    for reference in found:
        if reference.startswith("#/"):
            resolved(document, reference)
        else:
            assert SCHEMAS.joinpath(reference).is_file()


@pytest.mark.parametrize("name", ALL_TYPES)
def test_a_message_of_the_asyncapi_document_has_its_schema_key_and_example(name: str) -> None:
    message = asyncapi_document()["components"]["messages"][name]
    assert message["payload"]["schema"] == {"$ref": f"json/{name}.schema.json"}
    example = message["examples"][0]["payload"]
    assert message["bindings"]["kafka"]["key"]["examples"] == [
        ALL_TYPES[name].key(ALL_TYPES[name].model.model_validate(example["data"]))
    ]


def test_the_command_tells_what_is_out_of_date_and_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert generate.main(["--check"]) == 0
    assert generate.main(["--what"]) == 2
    assert "usage" in capsys.readouterr().err
