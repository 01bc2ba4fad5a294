"""How Postgres finds the rows of a question: the plans of the statements that the service's own code makes of it."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from bench.reads.questions import Question
from lifecycle.calendar import Calendar
from projections.http.database import ReportDatabase
from projections.listings import LISTINGS
from projections.query.page import read_page
from projections.query.parameters import read_page_request
from projections.query.scope import AllOrganizations
from projections.summary.parameters import read_summary_request
from projections.summary.summary import read_summary

CALENDAR = Calendar("America/Los_Angeles")
_LISTS = {"/api/tokens": "tokens", "/api/stations": "stations"}
_KINDS = {"Seq Scan": "scan", "Index Only Scan": "index alone"}
_DEARER = ("index", "index by several", "index alone", "index alone by several", "scan", "scan by several")
_TABLES = {
    "tokens": "tokens",
    "order_lines": "lines",
    "shipment_lines": "shipments",
    "subjects": "stations",
    "owners": "owners",
    "places": "places",
}


async def how_found(database: ReportDatabase, question: Question, now: int) -> str:
    """In words: what was looked up first, then how the rows, or those that are counted, were found."""
    async with database.querying() as connection:
        explaining = _Explaining(connection)
        if question.path in _LISTS:
            listing = LISTINGS[_LISTS[question.path]]
            asked = read_page_request(question.pairs, AllOrganizations(), now, CALENDAR, listing)
            await read_page(explaining, asked)  # type: ignore[arg-type]
        else:
            report = read_summary_request(question.pairs, AllOrganizations(), now, CALENDAR)
            await read_summary(explaining, report)  # type: ignore[arg-type]
    first = ", ".join(dict.fromkeys(explaining.looked_up))
    dearest = max(explaining.found, key=_DEARER.index, default="nothing to read")
    return f"{first} → {dearest}" if first else dearest


class _Explaining:
    """A connection that has every statement explained before it runs it, unless it asks for a plan itself."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.looked_up: list[str] = []
        self.found: list[str] = []

    async def fetch(self, sql: str, *arguments: object) -> Any:
        await self._explain(sql, arguments)
        return await self._connection.fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: object) -> Any:
        await self._explain(sql, arguments)
        return await self._connection.fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: object) -> Any:
        await self._explain(sql, arguments)
        return await self._connection.fetchval(sql, *arguments)

    @asynccontextmanager
    async def transaction(self, **options: Any) -> AsyncIterator[None]:
        async with self._connection.transaction(**options):
            yield

    async def _explain(self, sql: str, arguments: tuple[object, ...]) -> None:
        if sql.startswith("explain"):
            return
        (explained,) = json.loads(await self._connection.fetchval(f"explain (format json) {sql}", *arguments))
        ways = dict.fromkeys(_ways(explained["Plan"]))
        if "service_tokens_at(" in sql or "stations_at(" in sql:
            self.found += [way for table, way in ways if table == "tokens"]
            return
        # What leads to the rows; a stretch of serials is of the tokens' indexes.
        self.looked_up += [
            f"{table}{' (scan)' * (way == 'scan' and table != 'owners')}"
            for table, way in ways
            if table != "tokens"
        ]
        if all(table == "tokens" for table, _ in ways):
            self.looked_up.append("serials")


def _ways(node: dict[str, Any], *, is_parallel: bool = False) -> Iterator[tuple[str, str]]:
    """Of a plan, the tables and how they are read; of the tokens of earlier spans nothing, which are few."""
    kind, table = node["Node Type"], node.get("Relation Name")
    is_parallel = is_parallel or kind in ("Gather", "Gather Merge")
    if table in _TABLES and node.get("Alias") != "token":
        by = " by several" if is_parallel and node.get("Parallel Aware") else ""
        yield _TABLES[table], f"{_KINDS.get(kind, 'index')}{by}"
    for child in node.get("Plans", ()):
        yield from _ways(child, is_parallel=is_parallel)
