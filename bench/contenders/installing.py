"""What a contender needs beyond our own packages: fetched once, kept beside the results."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from tokens.embedded.child import Child
from tokens.failure import Failure

RESULTS = Path(__file__).parents[1] / "results"
_SECONDS = 600

Commands = Callable[[Path], Sequence[Sequence[str | Path]]]
"""What fills a folder: one command after the other."""


async def installed(name: str, sources: Sequence[Path], commands: Commands) -> Path:
    """The folder, filled where nobody did before for these sources. Raises Failure where that cannot be."""
    folder = folder_of(name, sources)
    if folder.exists():
        return folder
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    for command in commands(unfinished):
        child = Child(f"the installation of {name}", command, log=folder.with_suffix(".log"))
        try:
            if await child.wait(timeout_seconds=_SECONDS) != 0:
                raise Failure(f"{name} could not be installed: {child.last_words()}; its log is {child.log}")
        finally:
            await child.stop(patience_seconds=1)
    unfinished.rename(folder)
    return folder


def folder_of(name: str, sources: Sequence[Path]) -> Path:
    """Where it is, or will be: other sources, another folder."""
    digest = hashlib.blake2b(digest_size=4)
    for source in sources:
        digest.update(source.read_bytes())
    return RESULTS / f"{name}-{digest.hexdigest()}"
