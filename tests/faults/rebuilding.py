"""All rows rebuilt in another zone under load: `make rebuilding` (most of an hour; not part of `make test`).

1,000,000 tokens, two workers, 1,000 events a second about old and new tokens, and readers who judge every row that
they see. The rebuild is interrupted by Ctrl-C and by SIGKILL on its way. Nobody may see a row that is neither the
former zone's nor the latter's, memory must stay flat, and at the end every row must be what the journal says, and
those of some thousand tokens what the reference says. `REBUILDING_TOKENS` and `REBUILDING_SEED` choose others; data
(some 8 GB) goes to `TMPDIR`.
"""

import asyncio
import os
import random
import re
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil

from projections.migrate import migrate
from tests.events import Json
from tests.faults.acceptance import Stopwatch, chunks, look_closely, say
from tests.faults.companies import Companies, companies
from tests.faults.measures import Measures, growth, percentile
from tests.faults.onlookers import Onlookers, Quiet
from tests.faults.traffic import Traffic
from tests.faults.workers import Worker, environment
from tests.lifecycle.consumer.draining import drained
from tests.projections.recorder.waiting import until
from tests.reference import rules
from tests.tokens.commands import Command, tokens
from tokens.embedded.apache_kafka import ApacheKafka
from tokens.embedded.choice import apache_is_possible
from tokens.embedded.noida import Noida
from tokens.embedded.ports import LOOPBACK, free_port
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.kafka_topics import make_missing_topics
from tokens.settings import Settings

TOKENS = int(os.environ.get("REBUILDING_TOKENS", "1000000"))
SEED = int(os.environ.get("REBUILDING_SEED", "1"))
EVENTS_A_SECOND = 1_000
WORKERS = 2
FORMER_ZONE, ZONE = "America/Los_Angeles", "Asia/Kathmandu"
SECONDS_BETWEEN_DEAR_LOOKS = 30
PAUSE_SECONDS = 0.1
TOKENS_LOOKED_AT_CLOSELY = 1_000
DEADLINE_SECONDS = 3_600
# A worker's batches, and with them its memory, grow with what waits, up to a bound; a rebuild's chunks never do.
MOST_MB = {"worker": 512, "API": 256, "rebuild": 128, "Postgres session of the rebuild": 64}
MOST_GROWTH_OF_A_REBUILD = 0.1


async def test_rebuilding_under_load() -> None:
    watch = Stopwatch()
    say("")
    firms = companies(TOKENS, SEED)
    async with servers() as settings:
        await fill(firms, settings, watch)
        quiet = await asyncio.to_thread(Quiet, firms.quiet, FORMER_ZONE, ZONE, SEED)
        watch.say(
            f"{quiet.tokens:,} quiet tokens, {quiet.telling:,} of them with other rows in the other zone"
        )
        traffic = Traffic(settings, firms, EVENTS_A_SECOND, SEED)
        await rebuilt_under_load(firms, quiet, traffic, settings, watch)
        await drained(settings, DEADLINE_SECONDS)
        watch.say("drained")
        await judge(firms, traffic, settings, watch)


@asynccontextmanager
async def servers() -> AsyncIterator[Settings]:
    """Servers of the run's own, that keep what they acknowledge as those of `tokens up` do."""
    with tempfile.TemporaryDirectory(prefix="rebuilding-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # Postgres may be another user
        postgres = EmbeddedPostgres(folder / "postgres")
        kafka = (ApacheKafka if apache_is_possible() else Noida)(folder / "kafka")
        try:
            await postgres.start()
            await kafka.start()
            await migrate(postgres.url())
            settings = Settings(
                kafka=kafka.bootstrap,
                database_url=postgres.url(),
                zone=FORMER_ZONE,
                http=f"{LOOPBACK}:{free_port()}",
                data=folder / "data",
            )
            make_missing_topics(settings, kafka.bootstrap)
            yield settings
        finally:
            await kafka.stop()
            await postgres.stop()


async def fill(firms: Companies, settings: Settings, watch: Stopwatch) -> None:
    """Record all old tokens, in the former zone."""
    file = settings.data / "old.ndjson"
    settings.data.mkdir()
    messages = 0
    with file.open("wb") as output:
        for line in firms.old_lines():
            output.write(line + b"\n")
            messages += 1
    watch.say(f"{messages:,} events simulated, {file.stat().st_size / 1e6:,.0f} MB")
    published = tokens(
        "publish", str(file), settings=environment(settings, "127.0.0.1:0"), timeout_seconds=DEADLINE_SECONDS
    )
    assert published.returncode == 0, published.stderr
    file.unlink()
    watch.say("published")
    began = time.monotonic()
    workers = [Worker(settings) for _ in range(WORKERS)]
    try:
        await drained(settings, DEADLINE_SECONDS)
        watch.say(f"drained by {WORKERS} workers: {messages / (time.monotonic() - began):,.0f} events/s")
        for worker in workers:
            assert worker.command.end(signal.SIGTERM, timeout_seconds=20) == 0, worker.log()
    finally:
        for worker in workers:
            worker.command.close()


async def rebuilt_under_load(
    firms: Companies, quiet: Quiet, traffic: Traffic, settings: Settings, watch: Stopwatch
) -> None:
    """Start everything in the other zone, rebuild, and say what it came to."""
    settings = settings.model_copy(update={"zone": ZONE})
    sql = await asyncpg.connect(settings.database_url)
    eyes = await asyncpg.connect(settings.database_url)
    workers = [Worker(settings) for _ in range(WORKERS)]
    api = Command("api", settings=environment(settings, "127.0.0.1:0"))
    onlookers = Onlookers(eyes, f"http://{settings.http}", firms, quiet, ZONE, SEED)
    measures = Measures(settings.database_url or "", lambda: traffic.sent)
    enough = asyncio.Event()
    looking: list[asyncio.Task[None]] = []
    try:
        api.wait_for_line("listening")
        for number, worker in enumerate(workers, 1):
            await worker.until_ready()
            measures.watch(f"worker {number}", worker.command)
        measures.watch("API", api)
        assert not await onlookers.is_ready(), "the API says that a rebuild is due"
        traffic.start()
        looking = [asyncio.create_task(measures.run()), asyncio.create_task(look_on(onlookers, enough))]
        await asyncio.sleep(10)
        began = len(measures.moments)
        await interrupted_and_resumed(settings, sql, onlookers, measures, looking)
        ended = len(measures.moments)
        watch.say("rebuilt")
        assert await onlookers.is_ready()
        assert len(quiet.rebuilt) <= quiet.telling
        await asyncio.sleep(10)
        raise_from(looking)
        enough.set()
        await looking[1]
        for company in firms.quiet:
            await onlookers.quiet_by_sql(company)
        assert len(quiet.rebuilt) == quiet.telling, "all were seen in the latter zone at last"
        traffic.stop()
        tell(measures, onlookers, quiet, began, ended)
        watch.say("judged by the onlookers")
        await drained(settings, DEADLINE_SECONDS)
        for worker in workers:
            assert worker.command.end(signal.SIGTERM, timeout_seconds=20) == 0, worker.log()
    finally:
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
        await onlookers.close()
        for command in (api, *(worker.command for worker in workers)):
            command.close()
        await sql.close()
        await eyes.close()


async def look_on(onlookers: Onlookers, enough: asyncio.Event) -> None:
    """Look until told that it is enough, and now and then at everything."""
    counted = 0.0
    while not enough.is_set():
        if time.monotonic() > counted + SECONDS_BETWEEN_DEAR_LOOKS:
            await onlookers.look_at_everything()
            counted = time.monotonic()
        await onlookers.look()
        await asyncio.sleep(PAUSE_SECONDS)


async def interrupted_and_resumed(
    settings: Settings,
    sql: asyncpg.Connection,
    onlookers: Onlookers,
    measures: Measures,
    looking: list[asyncio.Task[None]],
) -> None:
    """Three rebuilds: Ctrl-C after a third, SIGKILL after another, and one that goes on to the end."""
    parts = ((1 / 3, signal.SIGINT), (2 / 3, signal.SIGKILL), (1, None))
    for part, (share, number) in enumerate(parts, 1):
        rebuild = Command("rebuild", settings=environment(settings, "127.0.0.1:0"))
        measures.watch(f"rebuild {part}", rebuild)
        began = time.monotonic()
        try:
            while not has_ended(rebuild):
                raise_from(looking)
                assert time.monotonic() < began + DEADLINE_SECONDS
                through = await sql.fetchval("select max(rebuilt_through) from fold_versions")
                if number is not None and (through or "") > onlookers.serial_at(share):
                    break
                await asyncio.sleep(0.2)
            code = (
                rebuild.wait(timeout_seconds=10)
                if number is None
                else rebuild.end(number, timeout_seconds=10)
            )
        finally:
            rebuild.close()
        await until(lambda: has_left(sql), "Postgres has noticed that the rebuild ended")
        name = "to the end" if number is None else f"until {number.name}"
        say(
            f"{time.monotonic() - began:8.1f} s  a rebuild {name} (exit code {code}): {' '.join(rebuild.lines)}"
        )
        assert (code == 0) == (number is None), rebuild.lines
        assert not any("Traceback" in line for line in rebuild.lines)
        assert number == signal.SIGINT or rebuild.lines[0].startswith("an interrupted rebuild goes on after")
    [rebuilt] = re.findall(r"rebuilt ([\d,]+) tokens", rebuild.lines[-1])
    assert int(rebuilt.replace(",", "")) < TOKENS, "the last one had a part to do"


async def has_left(sql: asyncpg.Connection) -> bool:
    sessions = "select count(*) from pg_stat_activity where application_name = 'tokens rebuild'"
    return bool(await sql.fetchval(sessions) == 0)


def has_ended(command: Command) -> bool:
    return command.process.status() == psutil.STATUS_ZOMBIE


def raise_from(looking: list[asyncio.Task[None]]) -> None:
    for task in looking:
        if task.done():
            task.result()


def tell(measures: Measures, onlookers: Onlookers, quiet: Quiet, began: int, ended: int) -> None:
    """Say what was measured while rows were rebuilt, and fail where memory grew."""
    moments = measures.moments[began:ended]
    seconds = moments[-1].at - moments[0].at
    sent = (moments[-1].sent - moments[0].sent) / seconds
    recorded = (moments[-1].recorded - moments[0].recorded) / seconds
    behind = [moment.behind for moment in moments]
    say(f"            {seconds:,.0f} s: {sent:,.0f} events/s sent, {recorded:,.0f} recorded")
    say(f"            messages waiting: median {percentile(behind, 0.5):,}, at most {max(behind):,}")
    for name, values in measures.memory.items():
        say(f"            memory of {name}: at most {max(values):,.0f} MB, growth {growth(values):+.1%}")
    for what, times in onlookers.seconds.items():
        shares = ", ".join(f"{percentile(times, share) * 1000:,.0f}" for share in (0.5, 0.95, 1.0))
        say(f"            {what}: {len(times):,} times, median, 95 % and longest {shares} ms")
    say(
        f"            {quiet.rows_judged:,} rows of quiet tokens were one of the two; {onlookers.rows_agreeing:,} "
        f"of others agreed in themselves, {onlookers.mixed_ranges:,} answers had both versions"
    )
    assert onlookers.mixed_ranges, "nobody looked at what was just being rebuilt"
    for name, values in measures.memory.items():
        most = next(mb for beginning, mb in MOST_MB.items() if name.startswith(beginning))
        assert max(values) < most, f"{name} has {max(values):,.0f} MB"
        assert not name.startswith("rebuild") or growth(values) < MOST_GROWTH_OF_A_REBUILD, f"{name} grows"


async def judge(firms: Companies, traffic: Traffic, settings: Settings, watch: Stopwatch) -> None:
    """Hold all rows to the journal, and those of some tokens to the reference."""
    sql = await asyncpg.connect(settings.database_url)
    assert await sql.fetchval("select count(*) from dead_letters") == 0
    settings = settings.model_copy(update={"zone": ZONE})
    for history in (
        [event for company in firms.quiet for event in company.history],
        [*(event for company in firms.busy for event in company.history), *traffic.about_busy],
        traffic.of_newcomers,
    ):
        await equal_the_reference(history, sql, watch)
    await sql.close()
    verify = Command("verify", settings=environment(settings, "127.0.0.1:0"))
    try:
        most = 0.0
        while not has_ended(verify):
            most = max(most, verify.process.memory_info().rss / 1024**2)
            await asyncio.sleep(0.5)
        assert verify.wait(timeout_seconds=10) == 0, verify.lines
    finally:
        verify.close()
    watch.say(f"{verify.lines[-1]}; memory at most {most:,.0f} MB")


async def equal_the_reference(history: list[Json], sql: asyncpg.Connection, watch: Stopwatch) -> None:
    histories = await asyncio.to_thread(rules.history_of, history, ZONE)
    chosen = random.Random(SEED).sample(sorted(histories), min(TOKENS_LOOKED_AT_CLOSELY, len(histories)))
    looks = 0
    for some in chunks(chosen, 50):
        looks += await look_closely({serial: histories[serial] for serial in some}, sql)
    watch.say(
        f"{looks:,} rows of {len(chosen):,} tokens are the reference's, at and beside every instant of theirs"
    )
