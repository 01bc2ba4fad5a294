"""What others write between the judgement of a transfer and its event."""

from collections.abc import Sequence

from projections.http.database import ReportDatabase
from projections.publishing.message import Outgoing
from projections.publishing.publisher import KafkaPublisher, Outcome
from projections.query.scope import AllOrganizations
from projections.writing.asked import ApplicationItem, TransferItem
from projections.writing.writer import Writer
from tests import events
from tests.lifecycle.consumer.conftest import Start, start, topics
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.writing.api import database, publisher
from tokens import clock
from tokens.settings import Settings

__all__ = ["database", "publisher", "start", "topics"]

ALL = AllOrganizations()


async def test_one_who_waits_hears_that_another_transfer_was_first(
    settings: Settings, start: Start, topics: Topics, database: ReportDatabase, publisher: KafkaPublisher
) -> None:
    assert settings.database_url is not None
    await start()
    topics.send(events.order(["T1", "T2"]))
    await drained(settings)

    class Slow:
        async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
            topics.send(events.transferred(["T1"], to_org="ORG-9", to_name="Nine"))
            await drained(settings)
            return await publisher.publish(messages)

    writer = Writer(database, settings.database_url, Slow(), settings.topic_prefix, clock.now)
    items = [TransferItem(serial, "ORG-2", "Two") for serial in ("T1", "T2", "T3")]
    written = await writer.transfer(items, ALL)
    assert [result.reason for result in written.results] == [None, None, "unknown_token"]
    written = await writer.wait(written, 30)
    assert written.is_shown
    assert [result.reason for result in written.results] == ["not_owner", None, "unknown_token"]
    assert "meanwhile" in written.results[0].message
    applied = await writer.apply([ApplicationItem("T1", "S1")], ALL)
    assert (await writer.wait(applied, 30)).accepted == 1
