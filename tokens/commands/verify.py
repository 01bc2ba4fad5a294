"""`tokens verify`: everything that is stored, held against the journal."""

import asyncio
import sys
from typing import Annotated

import typer


def verify(
    limit: Annotated[
        int, typer.Option(help="Print so many differences at most; all are counted.", min=0)
    ] = 100,
    passes: Annotated[
        int | None,
        typer.Option(help="Go so many times through the journal: more take less memory, and longer.", min=1),
    ] = None,
) -> None:
    """Derive all facts and rows anew from the recorded events, and name each value that is stored otherwise.

    Reads one snapshot, beside workers and queries. Exit code 1 where something differs, or a rebuild is due.
    """
    from lifecycle.calendar import Calendar
    from projections.migrate import SchemaMismatch
    from projections.recorder.failures import TRANSIENT
    from projections.verify.verify import verify as verified
    from tokens import clock
    from tokens.failure import Failure
    from tokens.progress_bars import bar
    from tokens.servers import database_of, effective_settings

    settings = effective_settings()
    database_url = database_of(settings)
    try:
        with bar("verify", unit="events read") as on_progress:
            found = asyncio.run(
                verified(
                    database_url,
                    Calendar(settings.zone),
                    clock.now,
                    passes=passes,
                    limit=limit,
                    on_progress=on_progress,
                )
            )
    except SchemaMismatch as error:
        raise Failure(str(error)) from error
    except TRANSIENT as error:
        raise Failure(f"nothing is verified: {error or type(error).__name__}") from error
    for difference in found.differences:
        print(difference)
    counted = f"{found.tokens:,} tokens, {found.events:,} events"
    if found.rebuild_due is not None:
        sys.stderr.write(f"{found.rebuild_due}\n")
    if found.not_folded:
        sys.stderr.write(
            f"{found.not_folded:,} rows are of other rules or time-zone data, and only their facts were verified\n"
        )
    if found.count:
        noun = "difference" if found.count == 1 else "differences"
        shown = (
            f", the first {len(found.differences):,} of them above"
            if len(found.differences) < found.count
            else ""
        )
        raise Failure(f"{found.count:,} {noun} in {counted}{shown}")
    print(f"{counted} verified")
    if found.rebuild_due is not None:
        raise typer.Exit(1)
