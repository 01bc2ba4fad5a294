"""`tokens drain`: wait until what was published is in the report."""

import asyncio
from typing import Annotated

import typer


def drain(
    timeout: Annotated[float, typer.Option(help="Give up after so many seconds (exit code 1).", min=0)] = 600,
) -> None:
    """Wait until the workers have recorded everything that lies in the input topics now.

    Events that could not be read, and are kept as dead letters, count as recorded.
    """
    from tokens.draining import drain as drained
    from tokens.progress_bars import bar
    from tokens.servers import effective_settings

    with bar("drain", unit="events") as on_progress:
        result = asyncio.run(drained(effective_settings(), timeout_seconds=timeout, on_progress=on_progress))
    print(
        f"drained: {result.messages:,} messages in {result.partitions} partitions are recorded, "
        f"{result.waited:,} of them just now"
    )
