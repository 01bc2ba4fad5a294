"""`tokens rebuild`: all rows folded anew."""

import asyncio
import sys
from typing import Annotated

import typer


def rebuild(
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew, also where an interrupted one could go on.")
    ] = False,
) -> None:
    """Fold every token anew from its facts, in place, while workers and queries go on.

    Rows get the zone, rules and time-zone data of this process, which are from then on those of all workers. May
    be interrupted: the next one goes on where it was.
    """
    from lifecycle.calendar import Calendar
    from projections.fold_version import OlderFoldVersion
    from projections.migrate import SchemaMismatch
    from projections.rebuild import RebuildUnderWay, Rebuilt
    from projections.rebuild import rebuild as rebuilt
    from projections.recorder.failures import TRANSIENT
    from tokens import clock
    from tokens.failure import Failure
    from tokens.progress_bars import bar
    from tokens.servers import database_of, effective_settings

    settings = effective_settings()
    database_url = database_of(settings)

    def on_resume(serial: str) -> None:
        sys.stderr.write(f"an interrupted rebuild goes on after {serial}; --restart begins anew\n")

    async def run() -> Rebuilt:
        with bar("rebuild", unit="tokens") as on_progress:
            return await rebuilt(
                database_url,
                Calendar(settings.zone),
                clock.now,
                restart=restart,
                on_resume=on_resume,
                on_progress=on_progress,
            )

    try:
        done = asyncio.run(run())
    except (RebuildUnderWay, OlderFoldVersion, SchemaMismatch) as error:
        raise Failure(str(error)) from error
    except TRANSIENT as error:
        raise Failure(
            f"the rebuild was interrupted ({error or type(error).__name__}); run it again, and it goes on"
        ) from error
    print(
        f"rebuilt {done.tokens:,} tokens: {done.written:,} rows were written, "
        f"{done.announcements:,} announcements made"
    )
