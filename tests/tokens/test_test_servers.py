"""The servers that the tests themselves stand on."""

import asyncpg
from confluent_kafka.admin import AdminClient

from tokens.kafka_topics import make_missing_topics, topic_names
from tokens.settings import Settings


async def test_a_test_has_postgres_18_whose_text_order_is_by_code_point(
    postgres: object, empty_database_url: str
) -> None:
    connection = await asyncpg.connect(empty_database_url)
    try:
        assert (await connection.fetchval("show server_version")).startswith("18.")
        assert (
            await connection.fetchval(
                "select lower('ÄÖ') || string_agg(t, '' order by t) from unnest(array['b','B','a','Z']) t"
            )
            == "äöBZab"
        )
    finally:
        await connection.close()


def test_a_test_has_topics_of_its_own(settings: Settings, kafka: str) -> None:
    topics = AdminClient({"bootstrap.servers": kafka}).list_topics(timeout=10).topics
    assert {name: len(topics[name].partitions) for name in topic_names(settings)} == dict.fromkeys(
        topic_names(settings), 4
    )
    assert make_missing_topics(settings, kafka) == []
