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
_TABLES = {"tokens": "tokens", "order_lines": "lines", "shipment_lines": "shipments", "subjects": "stations"}


async def how_found(database: ReportDatabase, question: Question, now: int) -> str:
    """In words: which tables were read in which way."""
    async with database.querying() as connection:
        explaining = _Explaining(connection)
        if question.path in _LISTS:
            listing = LISTINGS[_LISTS[question.path]]
            asked = read_page_request(question.pairs, AllOrganizations(), now, CALENDAR, listing)
            await read_page(explaining, asked)  # type: ignore[arg-type]
        else:
            report = read_summary_request(question.pairs, AllOrganizations(), now, CALENDAR)
            await read_summary(explaining, report)  # type: ignore[arg-type]
    return "; ".join(dict.fromkeys(explaining.words))


class _Explaining:
    """A connection that has every statement explained before it runs it."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.words: list[str] = []

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
        (explained,) = json.loads(await self._connection.fetchval(f"explain (format json) {sql}", *arguments))
        words = list(dict.fromkeys(_ways(explained["Plan"], is_parallel=False, is_later=False)))
        if words:
            self.words.append(", ".join(words))


def _ways(node: dict[str, Any], *, is_parallel: bool, is_later: bool) -> Iterator[str]:
    """Of a plan, how it reads tables; of the tokens of earlier spans nothing, which are few."""
    kind, table = node["Node Type"], node.get("Relation Name")
    is_parallel = is_parallel or kind in ("Gather", "Gather Merge")
    if kind == "Sort" and not is_later:
        yield "sort"
    if table in _TABLES and node.get("Alias") != "token":
        yield f"{_TABLES[table]}: {_way(node)}{', parallel' if is_parallel and node.get('Parallel Aware') else ''}"
    for child in node.get("Plans", ()):
        # Of a union, the second arm is the earlier spans.
        is_second = kind in ("Append", "Merge Append") and child is not node["Plans"][0]
        yield from _ways(child, is_parallel=is_parallel, is_later=is_later or is_second)


def _way(node: dict[str, Any]) -> str:
    kind = node["Node Type"]
    if kind == "Seq Scan":
        return "scan"
    if kind == "Bitmap Heap Scan":
        return "index"
    if kind == "Index Only Scan":
        return "index only"
    if node.get("Index Name") == "tokens_pkey" and "Index Cond" not in node:
        return "in the order of serials"
    return "index"
