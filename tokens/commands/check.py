"""`tokens check`: what the service would say to a file of events, without any server."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from tokens.report_options import AsOfOption, ColumnsOption

if TYPE_CHECKING:
    from schemas.envelope import Event


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="NDJSON: one structured CloudEvent a line; - is standard input.", allow_dash=True
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an object a line: every line's verdict, then the rows.")
    ] = False,
    report: Annotated[
        bool, typer.Option("--report", help="Show the report to which the good lines lead.")
    ] = False,
    as_of: AsOfOption = None,
    columns: ColumnsOption = None,
) -> None:
    """Judge a file of events as the service would, without any server.

    Names every bad line with the rule that it breaks and the place, and lines that repeat or contradict an
    earlier one; exit code 1 where any is bad. With --report the events are held in memory.
    """
    import orjson

    from projections.columns import zone_title
    from tokens.checking.report import page_of, read_report_options
    from tokens.checking.verdicts import Kind, verdicts
    from tokens.publishing.lines import lines
    from tokens.report_options import parse_options
    from tokens.report_page import show_page
    from tokens.servers import effective_settings

    if not report and (as_of is not None or columns is not None):
        raise typer.BadParameter("--as-of and --columns go with --report")
    asked = parse_options(read_report_options, None, as_of=as_of, columns=columns)
    zone = effective_settings().zone if report else ""
    counts = dict.fromkeys(Kind, 0)
    events: list[Event] = []
    with _opened(file) as source:
        for verdict in verdicts(lines(source, _nobody)):
            counts[verdict.kind] += 1
            if report and verdict.kind == Kind.GOOD and verdict.event is not None:
                events.append(verdict.event)
            if as_json:
                print(orjson.dumps(verdict.as_json()).decode())
            elif verdict.sentence is not None:
                print(f"line {verdict.line}: {verdict.sentence}")
    total = sum(counts.values())
    summary = (
        f"checked {total}: {counts[Kind.GOOD]} good, {counts[Kind.REPEAT]} repeated, {counts[Kind.BAD]} bad"
    )
    print(summary, file=sys.stderr if as_json else sys.stdout)
    if report:
        page = page_of(events, asked, zone)
        if as_json:
            for row in page.rows:
                print(orjson.dumps({"row": row}).decode())
        else:
            print()
            show_page(page, asked, zone_title(zone), fit=columns is None)
    if counts[Kind.BAD]:
        raise typer.Exit(1)


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The input, to be read once."""
    from tokens.failure import UsageFailure

    if str(file) == "-":
        yield sys.stdin.buffer
        return
    try:
        source = file.open("rb")
    except OSError as error:
        raise UsageFailure(f"{file} cannot be read: {error.strerror}") from error
    with source:
        yield source


def _nobody(size_bytes: int) -> None:
    """Nobody watches how many bytes were read."""
