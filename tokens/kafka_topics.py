"""The service's topics on the broker: made where they are missing, never changed."""

import time
from collections.abc import Iterable

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, TopicMetadata
from confluent_kafka.cimpl import NewTopic

from schemas.topics import INPUT_TOPICS, OUTPUT_TOPICS
from tokens.failure import Failure
from tokens.settings import Settings

# Kept for ever and whole: the report can be made anew from the first event on.
_TOPIC_SETTINGS = {
    "retention.ms": "-1",
    "retention.bytes": "-1",
    "cleanup.policy": "delete",
    "max.message.bytes": "16777216",
}
_BROKER_SECONDS = 30
_PAUSE_SECONDS = 0.1


def admin_client(bootstrap: str) -> AdminClient:
    """librdkafka's admin client, silent on stderr: what goes wrong is raised by its calls."""
    return AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})


def topic_names(settings: Settings) -> list[str]:
    """All topics of the service, in and out, as they are called on the broker."""
    return [settings.topic(name) for name in (*INPUT_TOPICS, *OUTPUT_TOPICS)]


def make_missing_topics(settings: Settings, bootstrap: str) -> list[str]:
    """Make the topics that the broker does not have; the names of those made.

    They are known to whoever asks when this returns. Raises Failure where the broker cannot be reached or refuses.
    """
    admin = admin_client(bootstrap)
    try:
        present = admin.list_topics(timeout=_BROKER_SECONDS).topics
        missing = [name for name in topic_names(settings) if name not in present]
        made = _make(admin, missing, settings)
        _wait_until_known(admin, missing)
        return made
    except KafkaException as error:
        raise Failure(f"Kafka at {bootstrap} did not give the topics: {error.args[0].str()}") from error


def _make(admin: AdminClient, names: Iterable[str], settings: Settings) -> list[str]:
    wanted = [
        NewTopic(name, settings.partitions, settings.replication, config=_TOPIC_SETTINGS) for name in names
    ]
    made = []
    for name, future in admin.create_topics(wanted).items() if wanted else ():
        try:
            future.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:  # by another `migrate` at this moment
                raise
        else:
            made.append(name)
    return made


def _wait_until_known(admin: AdminClient, names: Iterable[str]) -> None:
    """A broker acknowledges a topic before it tells others of it, under load by seconds."""
    deadline = time.monotonic() + _BROKER_SECONDS
    waited_for = set(names)
    while waited_for and time.monotonic() < deadline:
        known = admin.list_topics(timeout=_BROKER_SECONDS).topics
        waited_for -= {name for name in waited_for if name in known and _is_led(known[name])}
        if waited_for:
            time.sleep(_PAUSE_SECONDS)


def _is_led(topic: TopicMetadata) -> bool:
    return bool(topic.partitions) and all(partition.leader >= 0 for partition in topic.partitions.values())
