"""All measurements of exports, one after the other."""

from pathlib import Path

from rich.console import Console

from bench.exports.database import database_to_export
from bench.exports.measure import AT_ONCE, crowd, export_alone, psql_copy
from bench.exports.show import save, show
from projections.export.formats import Format


async def compare_exports(console: Console, folder: Path, tokens: int) -> None:
    r"""Print and save what an export of so many tokens costs in each format, beside `psql \copy`, and what ten at
    once do to somebody who reads pages.
    """
    async with database_to_export(folder, tokens) as (postgres, url):
        console.print(f"{tokens:,} tokens × 22 columns")
        await psql_copy(postgres, url, tokens)  # so that nobody pays for a cold cache
        runs = [await psql_copy(postgres, url, tokens)]
        runs += [await export_alone(folder, postgres, url, format_, tokens) for format_ in Format]
        mixed = [list(Format)[number % len(Format)] for number in range(AT_ONCE)]
        crowds = [await crowd(folder, url, [])]
        for formats in (*([each] * AT_ONCE for each in Format), mixed):
            crowds.append(await crowd(folder, url, formats))
    show(console, runs, crowds)
    path = folder / "exports.md"
    save(path, runs, crowds)
    console.print(f"saved in {path}")
