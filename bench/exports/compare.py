"""All measurements of exports, one after the other."""

from pathlib import Path

from rich.console import Console

from bench.exports.database import database_to_export
from bench.exports.measure import AT_ONCE, ExportRun, crowd, export_alone, psql_copy
from bench.exports.show import save, show
from projections.export.formats import Format


async def compare_exports(console: Console, folder: Path, tokens: int, runs: int) -> str:
    r"""Print and save what an export of so many tokens costs in each format, beside `psql \copy`, and what ten at
    once do to somebody who reads pages; gives what was saved. So many runs of each, interleaved.
    """
    async with database_to_export(folder, tokens) as (postgres, url):
        console.print(f"{tokens:,} tokens × 22 columns")
        await psql_copy(postgres, url, tokens)  # so that nobody pays for a cold cache
        rounds: list[list[ExportRun]] = []
        for _ in range(runs):
            copied = await psql_copy(postgres, url, tokens)
            rounds.append(
                [copied, *[await export_alone(folder, postgres, url, each, tokens) for each in Format]]
            )
        mixed = [list(Format)[number % len(Format)] for number in range(AT_ONCE)]
        crowds = [await crowd(folder, url, [])]
        for formats in (*([each] * AT_ONCE for each in Format), mixed):
            crowds.append(await crowd(folder, url, formats))
    show(console, rounds, crowds)
    path = folder / "exports.md"
    text = save(path, rounds, crowds)
    console.print(f"saved in {path}")
    return text
