"""The broker's own ids of topics: a topic deleted and made again has another, whatever its name."""

import asyncio
from collections.abc import Sequence

from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

BROKER_SECONDS = 5


class TopicMissing(Exception):
    """A topic is not there; the message says what to do."""


async def topic_ids(bootstrap_servers: str, topics: Sequence[str]) -> dict[str, str]:
    """Each topic's id. Raises `TopicMissing`, and `ConnectionError` where the broker does not answer."""
    return await asyncio.to_thread(_topic_ids, bootstrap_servers, topics)


def _topic_ids(bootstrap_servers: str, topics: Sequence[str]) -> dict[str, str]:
    # aiokafka's admin client does not pass topic ids on; librdkafka's does.
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})
    found: dict[str, str] = {}
    futures = admin.describe_topics(TopicCollection(list(topics)), request_timeout=BROKER_SECONDS)
    for topic, future in futures.items():
        try:
            found[topic] = str(future.result().topic_id)
        except KafkaException as error:
            if error.args[0].name() == "UNKNOWN_TOPIC_OR_PART":
                raise TopicMissing(
                    f"topic {topic!r} is missing on the broker; run `tokens migrate`"
                ) from None
            raise ConnectionError(f"Kafka does not tell the topics' ids: {error.args[0].str()}") from error
    return found
