"""The embedded servers, one by one."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from tokens.embedded import apache_jars, java
from tokens.embedded.child import Child
from tokens.embedded.choice import choose_broker
from tokens.embedded.launch import is_shut_to_others
from tokens.embedded.noida import Noida
from tokens.embedded.postgres import EmbeddedPostgres
from tokens.failure import Failure


async def test_postgres_keeps_its_data_its_port_and_its_password_to_itself(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)  # like the home folder that a checkout may lie in
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    await postgres.start()
    first = postgres.url()
    try:
        connection = await asyncpg.connect(first)
        await connection.execute("create table kept as select 1 as one")
        assert await connection.fetchval("show fsync") == "on"
        await connection.close()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(first, password="guessed")
        assert stat.S_IMODE((tmp_path / "postgres" / "password").stat().st_mode) == 0o600
    finally:
        await postgres.stop()
    again = EmbeddedPostgres(tmp_path / "postgres")
    await again.start()
    try:
        assert again.url() == first
        connection = await asyncpg.connect(first)
        assert await connection.fetchval("select one from kept") == 1
        await connection.close()
    finally:
        await again.stop()


async def test_a_first_start_that_was_cut_off_is_made_good(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    starting = asyncio.create_task(EmbeddedPostgres(folder).start())
    while not (folder / "data.unfinished").exists():
        await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert not (folder / "data").exists()
    postgres = EmbeddedPostgres(folder)
    await postgres.start()
    await postgres.stop()


def test_a_child_ends_with_its_parent_even_when_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from tokens.embedded.child import Child\n"
        "command = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        f"child = Child('sleeper', command, log=Path({str(tmp_path / 'log')!r}))\n"
        "print(child.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


async def test_a_child_that_does_not_end_is_killed(tmp_path: Path) -> None:
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('ready', flush=True); time.sleep(600)"
    )
    child = Child("stubborn", [sys.executable, "-c", stubborn], log=tmp_path / "log")
    await child.wait_until_ready(lambda: child.log.stat().st_size > 0, timeout_seconds=20)
    await child.stop(patience_seconds=0.2)
    assert child.exit_code == -signal.SIGKILL


async def test_a_child_that_ends_at_once_is_a_sentence_with_its_last_words(tmp_path: Path) -> None:
    child = Child("broken", [sys.executable, "-c", "raise ValueError('no such thing')"], log=tmp_path / "log")
    with pytest.raises(Failure, match=r"broken ended at once \(ValueError: no such thing\)"):
        await child.wait_until_ready(lambda: False, timeout_seconds=20)


def test_folders_that_others_may_not_enter_are_seen(tmp_path: Path) -> None:
    (tmp_path / "shut" / "inner").mkdir(parents=True)
    (tmp_path / "shut").chmod(0o700)
    assert is_shut_to_others(str(tmp_path / "shut" / "inner" / "file"))
    assert not is_shut_to_others("/bin/sh")


async def test_a_folder_stays_with_the_broker_that_began_it(tmp_path: Path) -> None:
    broker = choose_broker(tmp_path / "kafka", "noida")
    assert isinstance(broker, Noida)
    await broker.start()
    await broker.stop()
    assert isinstance(choose_broker(tmp_path / "kafka", "auto"), Noida)
    with pytest.raises(Failure, match="TOKENS_EMBEDDED_KAFKA=noida"):
        choose_broker(tmp_path / "kafka", "apache")


@pytest.mark.parametrize(
    ("says", "is_new_enough"),
    [
        ('openjdk version "17.0.15" 2025-04-15', True),
        ('openjdk version "21" 2023-09-19', True),
        ('openjdk version "11.0.2" 2019-01-15', False),
        ('java version "1.8.0_392"', False),
        ("No Java runtime present, requesting install.", False),
    ],
)
def test_java_is_taken_from_17_on(
    says: str, is_new_enough: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "java"
    program.write_text(f"#!/bin/sh\necho '{says}' >&2\n")
    program.chmod(0o755)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    java.find_java.cache_clear()
    try:
        assert (java.find_java() == program) is is_new_enough
    finally:
        java.find_java.cache_clear()


@pytest.mark.skipif(java.find_java() is None or java.find_maven() is None, reason="needs Java and Maven")
def test_two_processes_that_fetch_kafka_at_once_both_get_it_whole(tmp_path: Path) -> None:
    program = (
        "import asyncio; from tokens.embedded.apache_jars import fetch_jars\n"
        "print(len(list(asyncio.run(fetch_jars()).glob('*.jar'))))"
    )
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path)}
    both = [
        subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    counts = [int(process.communicate(timeout=300)[0]) for process in both]
    assert counts[0] == counts[1] > 40
    [folder] = [entry for entry in (tmp_path / "service-tokens").iterdir() if entry.is_dir()]
    assert folder.name == apache_jars.jars_folder().name
