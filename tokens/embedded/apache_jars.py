"""The jars of Apache Kafka from Maven's repository, fetched once per user and machine."""

import asyncio
import fcntl
import hashlib
import re
import shutil
import tempfile
from pathlib import Path

import platformdirs

from tokens.embedded.child import Child
from tokens.embedded.java import find_maven
from tokens.failure import Failure

_POM = Path(__file__).with_name("kafka.pom.xml")
_FETCH_SECONDS = 600


def jars_folder() -> Path:
    """Where the jars are, or will be: a folder whose name follows from what the pom asks for."""
    asked = hashlib.blake2b(_POM.read_bytes(), digest_size=6).hexdigest()
    return platformdirs.user_cache_path("service-tokens") / f"kafka-{asked}"


async def fetch_jars() -> Path:
    """The folder of the jars, fetched where missing (44 MB). Two processes that come at once fetch them once.

    Raises Failure where Maven is missing or could not get them.
    """
    folder = jars_folder()
    if folder.exists():
        return folder
    maven = find_maven()
    if maven is None:
        raise Failure(
            "Apache Kafka is fetched by Maven, and there is no mvn in the PATH: install Maven, "
            "set TOKENS_EMBEDDED_KAFKA=noida for the small broker, or TOKENS_KAFKA for a real one"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = folder.with_suffix(".lock").open("w")
    except OSError as error:
        raise Failure(f"Apache Kafka's jars cannot be kept in {folder.parent}: {error.strerror}") from error
    with lock:
        await _lock(lock.fileno())
        if not folder.exists():
            await _fetch(maven, folder)
    return folder


async def _lock(descriptor: int) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(0.2)
        else:
            return


async def _fetch(maven: Path, folder: Path) -> None:
    # Beside, then renamed: a fetch that was interrupted is not taken for a whole one.
    unfinished = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    child = Child(
        "Maven",
        [
            maven,
            "--quiet",
            "--batch-mode",
            f"--file={_POM}",
            "dependency:copy-dependencies",
            "-DincludeScope=runtime",
            f"-DoutputDirectory={unfinished / 'lib'}",
        ],
        log=unfinished / "maven.log",
    )
    try:
        exit_code = await child.wait(timeout_seconds=_FETCH_SECONDS)
        if exit_code != 0:
            raise Failure(
                f"Maven could not fetch Apache Kafka ({_reason(child)}): "
                "set TOKENS_EMBEDDED_KAFKA=noida for the small broker, or TOKENS_KAFKA for a real one"
            )
        (unfinished / "lib").rename(folder)
    finally:
        await child.stop(patience_seconds=1)
        shutil.rmtree(unfinished, ignore_errors=True)


def _reason(child: Child) -> str:
    """Maven's first error: its last ones tell where to read about errors."""
    error = re.search(r"\[ERROR\] (\S.*)", child.log.read_text(errors="replace"))
    return error[1] if error else child.last_words()
