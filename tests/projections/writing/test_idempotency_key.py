"""The same request under the same key is decided once, published until the broker has it, and answered again."""

from collections.abc import AsyncIterator, Sequence

import asyncpg
import httpx
import pytest

from projections.http import credentials
from projections.http.database import ReportDatabase
from projections.publishing.message import NotPublished, Outgoing
from projections.publishing.publisher import KafkaPublisher, NotTaken, Outcome
from projections.query.scope import AllOrganizations, Organizations
from projections.writing.asked import ApplicationItem, TransferItem
from projections.writing.kept_answers import KEPT_HOURS, key_held
from projections.writing.outgoing import PartlyPublished
from projections.writing.writer import Writer
from tests import events
from tests.lifecycle.consumer.conftest import Start, sql, start, topics
from tests.lifecycle.consumer.draining import drained
from tests.lifecycle.consumer.producing import Topics
from tests.projections.recorder import stored
from tests.projections.writing.api import database, ends, problem, publisher, serving
from tokens import clock
from tokens.settings import Settings

__all__ = ["database", "publisher", "sql", "start", "topics"]

TRANSFERS = "/api/transfers"
BODY = {"token_serials": ["T1"], "to_org_id": "ORG-2", "to_org_name": "Two"}
KEY = {"idempotency-key": "0b6c8a1e"}
ALL = AllOrganizations()


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(settings) as client:
        yield client


@pytest.fixture
async def known(topics: Topics, start: Start, settings: Settings) -> None:
    """Two tokens of two organizations; a worker runs."""
    await start()
    topics.send(
        events.order(["T1"]), events.order(["T2"], sales_order="SO-2", org_id="ORG-9", org_name="Nine")
    )
    await drained(settings)


async def test_asked_again_it_is_answered_again(
    client: httpx.AsyncClient, known: None, settings: Settings
) -> None:
    first = await client.post(TRANSFERS, json=BODY, headers=KEY)
    assert first.json()["accepted"] == 1
    after = await ends(settings)
    waited = await client.post(f"{TRANSFERS}?wait=30", json=BODY, headers=KEY)
    assert waited.json() == {**first.json(), "shown": True}
    spelt = '{ "to_org_name":"Two", "to_org_id" : "ORG-2", "from_org_id": null, "token_serials": ["T1"]}'
    quoted = {"idempotency-key": '"0b6c8a1e"', "content-type": "application/json"}
    again = await client.post(TRANSFERS, content=spelt, headers=quoted)
    assert again.json()["results"] == first.json()["results"]
    assert again.json()["events"] == first.json()["events"]
    assert await ends(settings) == after
    without = await client.post(TRANSFERS, json=BODY)
    assert without.json()["results"][0]["reason"] == "same_org", "another request is another transfer"


async def test_a_key_belongs_to_one_request(
    client: httpx.AsyncClient, known: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.post(TRANSFERS, json=BODY, headers=KEY)).status_code == 202
    other = await client.post(TRANSFERS, json={**BODY, "to_org_id": "ORG-3"}, headers=KEY)
    problem(other, 422, "idempotency-key-of-another-request")
    items = {"items": [{"token_serial": "T1", "station_serial": "S1"}]}
    another_call = await client.post("/api/applications", json=items, headers=KEY)
    problem(another_call, 422, "idempotency-key-of-another-request")
    monkeypatch.setattr(credentials, "organizations_in_scope", lambda _: Organizations(frozenset({"ORG-9"})))
    another_one = await client.post(TRANSFERS, json=BODY, headers=KEY)
    problem(another_one, 422, "idempotency-key-of-another-request")


async def test_a_key_is_worked_on_once_at_a_time(
    client: httpx.AsyncClient, known: None, settings: Settings
) -> None:
    assert settings.database_url is not None
    async with key_held(settings.database_url, KEY["idempotency-key"], b"x" * 16):
        refused = await client.post(TRANSFERS, json=BODY, headers=KEY)
        problem(refused, 409, "idempotency-key-in-progress")
        other = await client.post(TRANSFERS, json=BODY, headers={"idempotency-key": "other"})
        assert other.status_code == 202


async def test_keys_are_forgotten_after_days(
    client: httpx.AsyncClient, known: None, sql: asyncpg.Connection
) -> None:
    assert KEPT_HOURS >= 24
    await client.post(TRANSFERS, json=BODY, headers=KEY)
    await client.post(TRANSFERS, json=BODY, headers={"idempotency-key": "young"})
    await sql.execute(
        "update kept_answers set asked_at = now() - make_interval(hours => $1) where idempotency_key = $2",
        KEPT_HOURS,
        KEY["idempotency-key"],
    )
    await client.post(TRANSFERS, json=BODY, headers={"idempotency-key": "new"})
    kept = await sql.fetch("select idempotency_key from kept_answers order by asked_at")
    assert [each[0] for each in kept] == ["young", "new"]
    reused = await client.post(TRANSFERS, json={**BODY, "to_org_id": "ORG-3"}, headers=KEY)
    assert reused.status_code == 202


class Interrupted:
    """A publisher that publishes and is then killed, or is killed before, as long as `deaths` lasts."""

    def __init__(self, publisher: KafkaPublisher, *, publishes: bool, deaths: int = 1) -> None:
        self._publisher = publisher
        self._publishes = publishes
        self._deaths = deaths
        self.sent: list[Sequence[Outgoing]] = []

    async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
        self.sent.append(messages)
        if self._deaths:
            self._deaths -= 1
            if self._publishes:
                await self._publisher.publish(messages)
            raise NotPublished("killed")
        return await self._publisher.publish(messages)


@pytest.mark.parametrize("publishes", [True, False])
async def test_killed_in_between_it_is_published_as_it_was_decided(
    database: ReportDatabase,
    publisher: KafkaPublisher,
    known: None,
    topics: Topics,
    settings: Settings,
    sql: asyncpg.Connection,
    publishes: bool,
) -> None:
    """Decided anew, it would be another event, or none: what was published may be recorded by then."""
    assert settings.database_url is not None
    interrupted = Interrupted(publisher, publishes=publishes)
    writer = Writer(database, settings.database_url, interrupted, settings.topic_prefix, clock.now)
    items = [TransferItem("T1", "ORG-2", "Two"), TransferItem("T9", "ORG-2", "Two")]
    with pytest.raises(NotPublished, match="killed"):
        await writer.transfer(items, ALL, key="k")
    topics.send(events.order(["T9"], sales_order="SO-9"))
    await drained(settings)
    written = await writer.wait(await writer.transfer(items, ALL, key="k"), 30)
    assert written.is_shown
    assert [result.reason for result in written.results] == [None, "unknown_token"]
    first, second = interrupted.sent
    assert [message.value for message in first] == [message.value for message in second]
    assert await writer.transfer(items, ALL, key="k") == await writer.transfer(items, ALL, key="k")
    assert len(interrupted.sent) == 2
    await drained(settings)
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    [report] = (await stored.reports(sql, [clock.now()])).values()
    assert (report["T1"]["org_id"], report["T1"]["anomalies"]) == ("ORG-2", [])


async def test_what_the_broker_takes_in_part_is_published_again_whole(
    database: ReportDatabase,
    publisher: KafkaPublisher,
    known: None,
    settings: Settings,
    sql: asyncpg.Connection,
) -> None:
    assert settings.database_url is not None

    class Half:
        calls = 0

        async def publish(self, messages: Sequence[Outgoing]) -> list[Outcome]:
            Half.calls += 1
            if Half.calls > 1:
                return await publisher.publish(messages)
            [place] = await publisher.publish(messages[:1])
            return [place, *(NotTaken("it is slow", False) for _ in messages[1:])]

    writer = Writer(database, settings.database_url, Half(), settings.topic_prefix, clock.now)
    items = [TransferItem("T1", "ORG-2", "Two"), TransferItem("T2", "ORG-2", "Two")]
    with pytest.raises(PartlyPublished, match="1 of 2 events: it is slow") as raised:
        await writer.transfer(items, ALL, key="k")
    assert [event.id.rpartition("/")[2] for event in raised.value.events] == ["1"]
    assert raised.value.missing == [(1, "it is slow")]
    written = await writer.wait(await writer.transfer(items, ALL, key="k"), 30)
    assert written.accepted == 2
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    [report] = (await stored.reports(sql, [clock.now()])).values()
    assert [report[serial]["anomalies"] for serial in ("T1", "T2")] == [[], []]
    assert {report[serial]["org_name"] for serial in ("T1", "T2")} == {"Two"}


async def test_an_application_is_kept_likewise(
    database: ReportDatabase, publisher: KafkaPublisher, known: None, settings: Settings
) -> None:
    assert settings.database_url is not None
    writer = Writer(database, settings.database_url, publisher, settings.topic_prefix, clock.now)
    items = [ApplicationItem("T1", "S1"), ApplicationItem("T9", "S1")]
    first = await writer.apply(items, ALL, key="k")
    assert await writer.apply(items, ALL, key="k") == first
    assert [result.reason for result in first.results] == [None, "unknown_token"]
