"""`tokens simulate`: seeded events of a believable company, as NDJSON."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from tokens.failure import Failure, UsageFailure
from tokens.simulate.options import Options, parse_bad_messages, parse_until
from tokens.simulate.stream import simulate as simulated_lines

WRITTEN_AT_ONCE_BYTES = 1 << 20


def simulate(
    tokens: Annotated[int, typer.Option(help="How many service tokens the company has sold.")] = 10_000,
    days: Annotated[int, typer.Option(help="The length of the history in days.")] = 800,
    until: Annotated[
        str | None,
        typer.Option(
            help="The end of the history: a date (its midnight in UTC) or an instant with a zone.",
            show_default="today's midnight in UTC",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, another company.")] = 1,
    bad: Annotated[
        str,
        typer.Option(help="Bad messages to mix in: a number of them (12), or a share of the good ones (2%)."),
    ] = "0",
    shuffle: Annotated[
        bool, typer.Option(help="Late and repeated messages; without: each event once, in the order of time.")
    ] = True,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; - is standard output.", allow_dash=True)
    ] = Path("-"),
) -> None:
    """Write the events of a simulated company as NDJSON, one structured CloudEvent a line.

    The same options give the same bytes. Publish them with `tokens publish`.
    """
    try:
        options = Options(
            seed=seed,
            tokens=tokens,
            days=days,
            until=parse_until(until or datetime.now(UTC).date().isoformat()),
            shuffled=shuffle,
            bad=parse_bad_messages(bad),
        )
    except ValueError as error:
        raise UsageFailure(str(error)) from error
    try:
        with _opened(output) as file:
            _write(simulated_lines(options), file)
    except BrokenPipeError:
        raise  # whoever reads has seen enough; the command line ends quietly
    except OSError as error:
        raise Failure(f"the events could not be written: {error}") from error


@contextmanager
def _opened(output: Path) -> Iterator[BinaryIO]:
    """Standard output, or a file that has its name only once it is whole."""
    if str(output) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    output = output.resolve()
    if output.exists() and not output.is_file():
        # A pipe or a device; a folder is refused by this.
        with output.open("wb") as file:
            yield file
        return
    partial = output.with_name(output.name + ".partial")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(output)
    finally:
        partial.unlink(missing_ok=True)


def _write(lines: Iterable[bytes], file: BinaryIO) -> None:
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size > WRITTEN_AT_ONCE_BYTES:
            file.write(b"\n".join(waiting) + b"\n")
            waiting.clear()
            size = 0
    if waiting:
        file.write(b"\n".join(waiting) + b"\n")
