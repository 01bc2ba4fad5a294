"""The API: an app that reads the report from one database."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from lifecycle.calendar import Calendar
from projections.http.database import ReportDatabase
from projections.http.dead_letters import dead_letter_routes
from projections.http.diff import diff_routes
from projections.http.events import event_routes
from projections.http.export import Exports, export_routes
from projections.http.head import HeadAsGet
from projections.http.health import health_routes
from projections.http.listings import listing_routes
from projections.http.metrics import ApiMetrics, Measured
from projections.http.openapi import describe
from projections.http.problems import answer_with_problems
from projections.http.report import report_routes
from projections.http.request_body import Room
from projections.http.summary import summary_routes
from projections.http.token import token_routes
from projections.http.transfers import transfer_routes
from projections.publishing.publisher import KafkaPublisher
from projections.web.refusing import trouble_page
from projections.web.routes import web_routes
from projections.writing.writer import Writer

STATEMENT_TIMEOUT_S = 30.0
STALL_TIMEOUT_S = 60.0
MAX_EXPORTS = 10


def create_app(
    database_url: str,
    zone: str,
    clock: Callable[[], int],
    *,
    kafka: str | None = None,
    topic_prefix: str = "",
    statement_timeout_s: float = STATEMENT_TIMEOUT_S,
    stall_timeout_s: float = STALL_TIMEOUT_S,
    max_exports: int = MAX_EXPORTS,
) -> FastAPI:
    """The app. `zone` is the IANA zone that headings name; `clock` gives now (microseconds since 1970, UTC).
    `kafka` are the bootstrap servers to which all that the API writes is published; without, it can only read.
    `topic_prefix` stands before the names of the topics.

    A query may run for `statement_timeout_s`; an export as long as its client takes some of it every
    `stall_timeout_s`, `max_exports` of them at once. Starting it connects to nothing: while the database is
    away, `/readyz` says so and calls answer 503.
    """
    calendar = Calendar(zone)
    database = ReportDatabase(database_url, calendar, statement_timeout_s)
    exports = Exports(database_url, max_exports, stall_timeout_s)
    metrics = ApiMetrics()
    publisher = None if kafka is None else KafkaPublisher(kafka)
    writer = Writer(database, database_url, publisher, topic_prefix, clock)
    room = Room()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with database.opened():
            yield
        if publisher is not None:
            await publisher.close()

    app = FastAPI(
        title="Service tokens",
        version="1",
        description="Which service tokens are owned by whom, where they are applied, and what lapses when.",
        lifespan=lifespan,
        # Its pages would fetch their scripts from somewhere else.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    answer_with_problems(app, trouble_page)
    app.add_middleware(Measured, metrics=metrics)
    app.add_middleware(HeadAsGet)
    app.include_router(report_routes(database, calendar, clock))
    app.include_router(listing_routes(database, exports, calendar, clock))
    app.include_router(token_routes(database, clock))
    app.include_router(summary_routes(database, calendar, clock))
    app.include_router(diff_routes(database, calendar, clock))
    app.include_router(export_routes(exports, calendar, clock))
    app.include_router(event_routes(writer, room))
    app.include_router(transfer_routes(writer, room))
    app.include_router(dead_letter_routes(database, database_url, publisher))
    app.include_router(health_routes(database, metrics))
    app.include_router(web_routes(database, calendar, clock, writer, room))
    describe(app)
    return app
