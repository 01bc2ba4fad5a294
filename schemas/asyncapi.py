"""The AsyncAPI 3 document: every topic with its key and messages, in and out, for those who connect."""

from typing import Any

from schemas.golden import GOLDEN
from schemas.headers import STRUCTURED_CONTENT_TYPE
from schemas.topics import EVENT_TYPES, INPUT_TOPICS, OUTPUT_EVENT_TYPES, OUTPUT_TOPICS, EventType

# The first version of the bindings that knows AsyncAPI 3.
_BINDING = {"bindingVersion": "0.5.0"}
_DESCRIPTION = (
    "Events about service tokens: CloudEvents 1.0 over Kafka, in structured and in binary mode. Every type "
    "is understood on every topic that is read; the topics and keys given here keep in order what concerns "
    "one subject. A setting may put a prefix before the names of the topics. A shipped schema never changes: "
    "a new shape is a new version of its type."
)
_WHAT_A_TOPIC_HOLDS = {
    "orders": "Orders as placed and changed, by the ERP.",
    "shipments": "Deliveries as sent and corrected, and returns, by the ERP.",
    "applications": "Service tokens put to stations and taken from them, by the portal.",
    "activations": "Stations in service, by their firmware or its head-end.",
    "transfers": "Service tokens passed between organizations, by the portal.",
    "retractions": "Events taken back, by whoever published them.",
    "token-status": "Each change of a service token's status, at least once, in order for each token.",
    "token-notices": "Service tokens whose term ends soon, at least once for each number of days.",
}
_ALL_TYPES = EVENT_TYPES | OUTPUT_EVENT_TYPES


def asyncapi_document() -> dict[str, Any]:
    """AsyncAPI 3.0; the payloads refer to the JSON Schemas beside it (`json/<type>.schema.json`)."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Service tokens", "version": "1.0.0", "description": _DESCRIPTION},
        "defaultContentType": STRUCTURED_CONTENT_TYPE,
        "channels": {topic: _channel(topic) for topic in (*INPUT_TOPICS, *OUTPUT_TOPICS)},
        "operations": {
            **{f"read.{topic}": _operation("receive", topic) for topic in INPUT_TOPICS},
            **{f"announce.{topic}": _operation("send", topic) for topic in OUTPUT_TOPICS},
        },
        "components": {"messages": {name: _message(event_type) for name, event_type in _ALL_TYPES.items()}},
    }


def _types_on(topic: str) -> list[str]:
    return [name for name, event_type in _ALL_TYPES.items() if event_type.topic == topic]


def _channel(topic: str) -> dict[str, Any]:
    return {
        "address": topic,
        "description": _WHAT_A_TOPIC_HOLDS[topic],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in _types_on(topic)},
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": 4,
                "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": -1},
                **_BINDING,
            }
        },
    }


def _operation(action: str, topic: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{topic}"},
        "messages": [{"$ref": f"#/channels/{topic}/messages/{name}"} for name in _types_on(topic)],
    }


def _message(event_type: EventType) -> dict[str, Any]:
    golden = GOLDEN[event_type.name]
    subject = golden["data"][event_type.subject]
    one_of_many = isinstance(subject, list)
    return {
        "name": event_type.name,
        "title": event_type.name,
        "summary": (event_type.model.__doc__ or "").strip(),
        "contentType": STRUCTURED_CONTENT_TYPE,
        "payload": {
            "schemaFormat": "application/schema+json;version=2020-12",
            "schema": {"$ref": f"json/{event_type.name}.schema.json"},
        },
        "bindings": {
            "kafka": {
                "key": {
                    "type": "string",
                    "description": f"`{event_type.subject}`{', the first' if one_of_many else ''}",
                    "examples": [subject[0] if one_of_many else subject],
                },
                **_BINDING,
            }
        },
        "examples": [{"name": "golden", "payload": golden}],
    }
