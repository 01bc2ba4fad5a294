"""The worker: the Faust app of `lifecycle/`, with the recorder of `projections/`."""

import asyncio
from typing import NoReturn

import faust
import uvloop

from lifecycle.app import Lifecycle, create_app
from lifecycle.calendar import Calendar
from projections.outbox import PostgresOutbox
from projections.recorder.recorder import PostgresRecorder
from tokens import clock
from tokens.failure import Failure
from tokens.servers import database_of, kafka_of
from tokens.settings import Settings, split_address


def create_worker(settings: Settings) -> Lifecycle:
    """The app of one worker. Raises Failure where Kafka or the database is not known."""
    host, port = split_address(settings.worker_http)
    calendar = Calendar(settings.zone)
    recorder = PostgresRecorder(database_of(settings), calendar, clock.now)
    outbox = PostgresOutbox(database_of(settings), calendar, clock.now)
    return create_app(
        kafka_of(settings),
        settings.group,
        settings.topic_prefix,
        recorder,
        outbox,
        host,
        port,
        broker_waits=settings.broker_waits,
    )


def run_worker(settings: Settings) -> NoReturn:
    """Work until SIGINT or SIGTERM, then exit. Raises Failure where an error ended it."""
    loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    worker = faust.Worker(
        create_worker(settings),
        loop=loop,
        quiet=True,
        override_logging=False,
        redirect_stdouts=False,
    )
    worker.spinner = None  # it would draw on stdout, which is the log's
    try:
        worker.execute_from_commandline()
    except SystemExit as end:
        if end.code:
            raise Failure(f"The worker ended: {end.__context__ or 'its log says why'}") from end
        raise
