"""What is measured of exports: one of each kind by itself, then ten at once with somebody who reads pages."""

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.exports.api import Memory, running_api
from bench.exports.database import PSQL
from projections.columns import STANDARD_COLUMNS
from projections.export.formats import Format
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.failure import Failure

AT_ONCE = 10
PAGE = "/api/tokens?limit=100"
SMALL = "/api/columns"
_PAUSE_SECONDS = 0.1
_ALONE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ExportRun:
    """One file. CPU seconds are those of whoever makes and sends it, and of Postgres."""

    name: str
    rows: int
    seconds: float
    first_byte_seconds: float
    client_cpu_seconds: float
    postgres_cpu_seconds: float
    memory_bytes: int
    file_bytes: int


@dataclass(frozen=True, slots=True)
class Crowd:
    """Answers to somebody who reads pages, in milliseconds, while `exports` go on; the memory of all of it."""

    exports: str
    seconds: float
    page_ms: Sequence[float]
    small_ms: Sequence[float]
    memory_bytes: int


async def psql_copy(postgres: EmbeddedPostgres, url: str, rows: int) -> ExportRun:
    r"""`psql \copy` of the same rows into nowhere."""
    keys = ", ".join(column.key for column in STANDARD_COLUMNS)
    query = f"select {keys} from service_tokens_at(now()) order by token_serial"
    command = [str(PSQL), url, "-qc", rf"\copy ({query}) to /dev/null csv header"]
    before, began = processes.cpu_seconds(postgres.child.pid), time.monotonic()
    process = subprocess.Popen(command)  # noqa: ASYNC220 - nothing else waits
    memory = Memory(process.pid)
    watching = asyncio.create_task(memory.watch())
    _, status, used = await asyncio.to_thread(os.wait4, process.pid, 0)
    seconds = time.monotonic() - began
    await _stop(watching)
    if status:
        raise Failure(f"psql ended with {os.waitstatus_to_exitcode(status)}")
    return ExportRun(
        r"`psql \copy`",
        rows,
        seconds,
        0.0,
        used.ru_utime + used.ru_stime,
        processes.cpu_seconds(postgres.child.pid) - before,
        memory.most,
        0,
    )


async def export_alone(
    folder: Path, postgres: EmbeddedPostgres, url: str, format_: Format, rows: int
) -> ExportRun:
    """One export over HTTP, to a client that throws it away."""
    async with running_api(folder, url) as (api, address):
        await _timed(address, SMALL)
        memory = Memory(api.pid)
        watching = asyncio.create_task(memory.watch())
        client, server = processes.cpu_seconds(api.pid), processes.cpu_seconds(postgres.child.pid)
        began = time.monotonic()
        first, size = await _download(address, format_)
        seconds = time.monotonic() - began
        await _stop(watching)
        return ExportRun(
            format_.upper(),
            rows,
            seconds,
            first,
            processes.cpu_seconds(api.pid) - client,
            processes.cpu_seconds(postgres.child.pid) - server,
            memory.most_of_children,
            size,
        )


async def crowd(folder: Path, url: str, formats: Sequence[Format]) -> Crowd:
    """Somebody reads pages while these exports run, all at once; alone for some seconds where there are none."""
    async with running_api(folder, url) as (api, address):
        await _timed(address, PAGE)
        memory = Memory(api.pid, every_seconds=1.0)
        watching = asyncio.create_task(memory.watch())
        began = time.monotonic()
        page_ms, small_ms = await _read_pages(address, asyncio.create_task(_exports(address, formats)))
        seconds = time.monotonic() - began
        await _stop(watching)
        name = (
            "none"
            if not formats
            else f"{len(formats)} {', '.join(sorted({each.upper() for each in formats}))}"
        )
        return Crowd(name, seconds, page_ms, small_ms, memory.most)


async def _exports(address: str, formats: Sequence[Format]) -> None:
    if formats:
        await asyncio.gather(*(_download(address, each) for each in formats))
    else:
        await asyncio.sleep(_ALONE_SECONDS)


async def _read_pages(address: str, until: "asyncio.Task[None]") -> tuple[list[float], list[float]]:
    """How long each answer took, in milliseconds."""
    page_ms: list[float] = []
    small_ms: list[float] = []
    while not until.done():
        page_ms.append(await _timed(address, PAGE))
        small_ms.append(await _timed(address, SMALL))
        await asyncio.sleep(_PAUSE_SECONDS)
    await until
    return page_ms, small_ms


async def _timed(address: str, path: str) -> float:
    return 1000 * float((await _curl(address + path, "%{http_code} %{time_total}"))[1])


async def _download(address: str, format_: Format) -> tuple[float, int]:
    """Seconds to the first byte, and the size."""
    url = f"{address}/api/export?format={format_}"
    _, first, size = await _curl(url, "%{http_code} %{time_starttransfer} %{size_download}")
    return float(first), int(size)


async def _curl(url: str, shown: str) -> list[str]:
    """What `curl` shows of an answer. It measures in a process of its own, whatever this one is busy with."""
    process = await asyncio.create_subprocess_exec(
        *("curl", "-sS", "-o", "/dev/null", "-w", shown, url), stdout=subprocess.PIPE
    )
    output, _ = await process.communicate()
    words = output.decode().split()
    if process.returncode or words[0] != "200":
        raise Failure(f"{url} was answered {words[0]}, and curl ended with {process.returncode}")
    return words


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
