"""The Faust app: the host of the worker. It runs the services, catches signals, and ends the process on a crash.

Faust's own streams, tables and consumer stay off: an agent that raises inside them has its messages committed
all the same. One service reads all topics and moves on only when a batch is recorded.
"""

from collections.abc import Iterable
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer
from faust.app.base import BootStrategy
from mode import Service
from mode.types import ServiceT

from lifecycle.announcer import Announcer
from lifecycle.announcing import Outbox
from lifecycle.consumer import Consumer
from lifecycle.health import Health
from lifecycle.recording import Recorder
from lifecycle.resting_reader import RestingReader


class Host(BootStrategy):
    """What Faust starts by itself: its sensors; Kafka is read by the `Consumer` service alone."""

    enable_kafka = False
    enable_web = False


class Lifecycle(faust.App):
    """The app, with the services that make it a worker."""

    BootStrategy = Host

    def __init__(self, *args: Any, services: Iterable[Service] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self._worker_services = tuple(services)

    async def on_first_start(self) -> None:
        """Leave out Faust's folder for tables, which it would make wherever the worker was started."""

    def on_init_dependencies(self) -> Iterable[ServiceT]:
        """Faust's own services, then the worker's; they stop in the opposite order."""
        return [*super().on_init_dependencies(), *self._worker_services]


def create_app(
    bootstrap_servers: str,
    group: str,
    topic_prefix: str,
    recorder: Recorder,
    outbox: Outbox,
    http_host: str,
    http_port: int,
    *,
    broker_waits: bool = True,
) -> Lifecycle:
    """A worker of all topics that records through `recorder` and announces what comes into `outbox`.

    It answers for its health at the HTTP address. `broker_waits` tells whether the broker holds a fetch until
    there is something to fetch.
    """
    reader = AIOKafkaConsumer if broker_waits else RestingReader
    consumer = Consumer(bootstrap_servers, group, topic_prefix, recorder, reader)
    health = Health(consumer.standing, http_host, http_port)
    announcer = Announcer(bootstrap_servers, topic_prefix, outbox)
    return Lifecycle(
        group,
        broker=f"kafka://{bootstrap_servers}",
        store="memory://",
        services=[health, announcer, consumer],
    )
