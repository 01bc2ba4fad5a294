"""All questions to one report, one after the other, and how Postgres finds each answer."""

import asyncio
import time
from pathlib import Path

import asyncpg
from rich.console import Console

from bench.exports.api import running_api
from bench.pace import pace
from bench.reads.database import database_to_read
from bench.reads.measure import Answers, Caller
from bench.reads.plans import CALENDAR, how_found
from bench.reads.questions import questions, sample
from bench.reads.show import put_into_document, save, show
from projections.http.database import ReportDatabase
from tokens.failure import Failure

_TIMEOUT_SECONDS = 120.0


async def measure_reads(console: Console, folder: Path, tokens: int, only: str) -> None:
    """Print and save how long each question about so many tokens takes; `only` those whose heading contains it."""
    async with database_to_read(folder, tokens) as (_, url):
        connection = await asyncpg.connect(url)
        asked = await sample(connection)
        await connection.close()
        console.print(f"{tokens:,} tokens; the largest organization has {asked.tokens_of_largest:,}")
        asking = [question for question in questions(asked) if only in question.heading]
        if not asking:
            headings = dict.fromkeys(question.heading for question in questions(asked))
            raise Failure(f"no heading contains {only!r}; they are: {'; '.join(headings)}")
        answers = []
        database = ReportDatabase(url, CALENDAR, _TIMEOUT_SECONDS)
        async with running_api(folder, url) as (_, address), database.opened():
            caller = Caller(address)
            for question in asking:
                following = await asyncio.to_thread(caller.following, question)
                plan = await how_found(database, following, time.time_ns() // 1000)
                times, count = await asyncio.to_thread(caller.times, following)
                answers.append(Answers(question, times, count, plan))
    show(console, answers)
    path = folder / f"reads-{tokens}.md"
    written = save(path, tokens, asked, answers, pace(caller.loops))
    if not only:
        put_into_document(f"reads {tokens}", written)
    console.print(f"saved in {path}")
