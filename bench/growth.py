"""Events a second as the table grows: the steady state at some sizes, each saved by itself, shown together."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from bench.event_set import EventSet
from bench.lineup import THE_LOOP, Entry
from bench.report import cell
from bench.saved import Results
from bench.steady import run_steady
from bench.summary import MEASURES, Round, figures, ratio

KIND = "growth"


async def run_growth(
    console: Console,
    results: Path,
    sets: Sequence[EventSet],
    lineup: Sequence[Entry],
    *,
    messages: int,
    runs: int,
    timeout_seconds: float,
) -> None:
    """The steady state on a table of each set, the smallest first. Raises Failure where a run does not count."""
    for preloaded in sorted(sets, key=lambda each: each.tokens):
        console.rule(f"{preloaded.tokens:,} tokens")
        await run_steady(
            console,
            results,
            preloaded,
            lineup,
            messages=messages,
            runs=runs,
            timeout_seconds=timeout_seconds,
            keep=Results(results, KIND, preloaded).keep,
        )


def growth_table(rounds_by_size: Mapping[int, Sequence[Round]]) -> list[list[str]]:
    """With a row of titles: of each size (tokens that the table held before), a row per contender."""
    rows = [["tokens", "events", "", f"× {THE_LOOP}", *(measure.title for measure in MEASURES)]]
    for tokens, rounds in rounds_by_size.items():
        for name in rounds[0]:
            beside = cell(ratio(rounds, name, THE_LOOP), 2) if THE_LOOP in rounds[0] else ""
            values = zip(figures(rounds, name), MEASURES, strict=True)
            messages = rounds[0][name].messages
            rows.append(
                [
                    f"{tokens:,}",
                    f"{messages:,}",
                    name,
                    beside,
                    *(cell(value, each.digits) for value, each in values),
                ]
            )
    return rows
