"""Topics and keys, as the contract lists them."""

import pytest

from lifecycle.stages import Status
from schemas.announcements import TokenStatusChanged
from schemas.golden import GOLDEN
from schemas.topics import EVENT_TYPES, INPUT_TOPICS, OUTPUT_EVENT_TYPES, OUTPUT_TOPICS
from tests.schemas.messages import taken


def test_the_topics_in_and_out() -> None:
    assert INPUT_TOPICS == ("orders", "shipments", "applications", "activations", "transfers", "retractions")
    assert OUTPUT_TOPICS == ("token-status", "token-notices")


@pytest.mark.parametrize(
    ("name", "topic", "key"),
    [
        ("servicetokens.order.placed.v1", "orders", "SO-20418"),
        ("servicetokens.order.shipped.v1", "shipments", "SH-90210"),
        ("servicetokens.token.returned.v1", "shipments", "ST-9QX2-0001"),
        ("servicetokens.token.applied.v1", "applications", "ST-4F7K-0001"),
        ("servicetokens.token.unapplied.v1", "applications", "ST-4F7K-0002"),
        ("servicetokens.station.activated.v1", "activations", "254131000417"),
        ("servicetokens.token.transferred.v1", "transfers", "ST-4F7K-0001"),
        ("servicetokens.event.retracted.v1", "retractions", "unapply-5502"),
    ],
)
def test_an_event_goes_to_the_topic_of_its_type_under_the_key_of_its_subject(
    name: str, topic: str, key: str
) -> None:
    event_type = EVENT_TYPES[name]
    assert (event_type.name, event_type.topic) == (name, topic)
    assert event_type.key(taken(GOLDEN[name]).data) == key


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("servicetokens.token.status_changed.v1", "token-status"),
        ("servicetokens.token.expiring.v1", "token-notices"),
    ],
)
def test_an_announcement_goes_out_under_the_token_serial(name: str, topic: str) -> None:
    event_type = OUTPUT_EVENT_TYPES[name]
    assert event_type.topic == topic
    assert event_type.key(event_type.model.model_validate(GOLDEN[name]["data"])) == "ST-4F7K-0001"


def test_there_are_no_other_types() -> None:
    assert len(EVENT_TYPES) == 8
    assert len(OUTPUT_EVENT_TYPES) == 2
    assert set(GOLDEN) == {*EVENT_TYPES, *OUTPUT_EVENT_TYPES}


@pytest.mark.parametrize("name", OUTPUT_EVENT_TYPES)
def test_what_goes_out_is_written_as_it_is_read(name: str) -> None:
    model = OUTPUT_EVENT_TYPES[name].model
    data = GOLDEN[name]["data"]
    assert model.model_validate(data).model_dump(mode="json", by_alias=True) == data


@pytest.mark.parametrize("name", EVENT_TYPES)
def test_so_is_what_comes_in(name: str) -> None:
    model = EVENT_TYPES[name].model
    data = model.model_validate(GOLDEN[name]["data"])
    assert model.model_validate(data.model_dump(mode="json")) == data


@pytest.mark.parametrize("status", [*Status, None])
def test_every_status_is_announced_by_its_name(status: Status | None) -> None:
    data = {
        **GOLDEN["servicetokens.token.status_changed.v1"]["data"],
        "from": None,
        "to": status,
        "cause": "clock",
    }
    changed = TokenStatusChanged.model_validate(data)
    assert (changed.from_status, changed.to_status, changed.cause) == (None, status, "clock")
