"""Writes the explanations into `docs/explain.md`: `python -m tests.projections.explain.document`."""

import asyncio
import re
import tempfile
from pathlib import Path

import asyncpg

from lifecycle.calendar import Calendar
from projections.explain.token import explain_token
from projections.migrate import migrate
from projections.query.database import reading
from projections.query.scope import AllOrganizations
from projections.recorder import PostgresRecorder
from tests.projections.explain.examples import SERIALS, Example, examples
from tests.projections.recorder import stored
from tests.projections.recorder.log import Log
from tests.reference.histories import ZONE
from tests.reference.instants import instant
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.explanation_text import explanation_text

DOCUMENT = Path(__file__).parents[3] / "docs" / "explain.md"
SHOWN_WHOLE = "Active"
_PLACE = re.compile(
    r"(?<=<!-- explanations: made by python -m tests\.projections\.explain\.document -->\n).*?(?=<!-- end -->)",
    re.DOTALL,
)


async def explanations(database_url: str) -> str:
    """Each example recorded in a migrated database, and explained, in Markdown."""
    sections = []
    for example in examples():
        text = await _explained(database_url, example)
        if example.heading != SHOWN_WHOLE:
            text = re.sub(r"\nThe row\n.*?\n(?=\n)", "", text, flags=re.DOTALL)
        words = example.heading.replace("_", r"\_") if "_" not in example.heading else f"`{example.heading}`"
        command = f"$ .venv/bin/tokens explain {SERIALS[0]} --as-of {example.as_of}"
        sections.append(f"### {words}\n\n```console\n{command}\n{text}```\n")
    return "\n" + "\n".join(sections)


def with_explanations(markdown: str, made: str) -> str:
    """The document with its explanations brought up to date. Raises ValueError where it has no place for them."""
    document, places = _PLACE.subn(lambda _: made, markdown)
    if places != 1:
        raise ValueError(f"the document has {places} places for explanations instead of one")
    return document


async def _explained(database_url: str, example: Example) -> str:
    connection = await asyncpg.connect(database_url)
    recorder = PostgresRecorder(database_url, Calendar(ZONE), lambda: instant(example.as_of))
    await recorder.open()
    try:
        await stored.emptied(connection)
        log = Log()
        await log.begin(recorder)
        for event in example.events:
            await recorder.record(log.batch(event))
        await connection.execute(
            "update segments set recorded_at = timestamptz '2026-11-20 10:00:00Z' + segment * interval '1 second'"
        )
        async with reading(database_url, statement_timeout_s=30) as reader:
            token = await explain_token(reader, SERIALS[0], instant(example.as_of), AllOrganizations())
    finally:
        await recorder.close()
        await connection.close()
    return explanation_text(token, "Pacific Time")


async def write() -> None:
    """Bring the document up to date, on a Postgres of its own."""
    with tempfile.TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder) / "postgres")
        await postgres.start()
        try:
            await migrate(postgres.url())
            made = await explanations(postgres.url())
        finally:
            await postgres.stop()
    DOCUMENT.write_text(with_explanations(DOCUMENT.read_text(encoding="utf-8"), made), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(write())
