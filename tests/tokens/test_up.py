"""`tokens up` as someone at a terminal has it: real processes, from the first start to the last signal."""

import json
import os
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.events import encoded, order
from tests.tokens.commands import Command, settings_of, tokens, wait_until_gone
from tokens.settings import Settings

Start = Callable[[dict[str, str]], Command]

FIRST_ORDER = encoded(order(["ST-1", "ST-2"]))


@pytest.fixture
def start_up() -> Iterator[Start]:
    """Starts `tokens up`; what is still running at the end of the test is ended."""
    started: list[Command] = []

    def start(settings: dict[str, str]) -> Command:
        started.append(Command("up", settings=settings))
        return started[-1]

    yield start
    for command in started:
        command.close()


@pytest.fixture
def given_servers(settings: Settings) -> dict[str, str]:
    """Both servers from the environment, so that `up` embeds none."""
    assert settings.kafka is not None
    assert settings.database_url is not None
    return {
        "TOKENS_KAFKA": settings.kafka,
        "TOKENS_DATABASE_URL": settings.database_url,
        "TOKENS_TOPIC_PREFIX": settings.topic_prefix,
    }


def answer(address: str, path: str) -> Any:
    with urllib.request.urlopen(f"{address}{path}", timeout=10) as response:
        return json.load(response)


def serials(address: str) -> list[str]:
    return [row["token_serial"] for row in answer(address, "/api/tokens")["rows"]]


def test_up_runs_everything_and_leaves_nothing_behind_and_finds_its_data_again(
    tmp_path: Path, start_up: Start
) -> None:
    settings = settings_of(tmp_path / "Zürich, data", LC_ALL="C")  # a folder may be called anything
    first = start_up(settings)
    address = first.wait_for_line("ready ").removeprefix("ready ")
    assert answer(address, "/readyz") == {"status": "ready"}

    published = tokens("publish", "-", settings=settings, stdin=FIRST_ORDER)
    assert (published.returncode, published.stdout) == (0, "published 1, skipped 0\n"), published.stderr
    assert tokens("drain", settings=settings).returncode == 0
    assert serials(address) == ["ST-1", "ST-2"]

    effective = json.loads(tokens("settings", "--json", settings=settings).stdout)
    assert f"http://{effective['TOKENS_HTTP']}" == address
    children = first.process.children(recursive=True)
    assert len(children) > 4
    started = time.monotonic()
    assert first.end(signal.SIGINT, timeout_seconds=15) == 0
    assert time.monotonic() - started < 10
    wait_until_gone(children, timeout_seconds=0.5)

    second = start_up(settings)
    address = second.wait_for_line("ready ").removeprefix("ready ")
    assert serials(address) == ["ST-1", "ST-2"]
    again = json.loads(tokens("settings", "--json", settings=settings).stdout)
    assert again["TOKENS_KAFKA"] == effective["TOKENS_KAFKA"]
    assert again["TOKENS_DATABASE_URL"] == effective["TOKENS_DATABASE_URL"]

    children = second.process.children(recursive=True)
    second.end(signal.SIGKILL, timeout_seconds=5)
    wait_until_gone(children)


def test_a_second_up_on_the_folder_says_where_the_first_one_is(
    tmp_path: Path, start_up: Start, given_servers: dict[str, str]
) -> None:
    settings = settings_of(tmp_path, **given_servers)
    address = start_up(settings).wait_for_line("ready ").removeprefix("ready ")
    second = tokens("up", settings=settings)
    assert second.returncode == 1
    assert address in second.stderr
    assert "already" in second.stderr


def test_up_starts_a_dead_worker_again(
    tmp_path: Path, start_up: Start, given_servers: dict[str, str]
) -> None:
    settings = settings_of(tmp_path, **given_servers)
    up = start_up(settings)
    address = up.wait_for_line("ready ").removeprefix("ready ")
    [worker] = [child for child in up.process.children() if child.cmdline()[-1] == "worker"]
    worker.kill()
    up.wait_for_line("worker ended (killed by signal 9)")
    up.wait_for_line("worker runs again")
    assert tokens("publish", "-", settings=settings, stdin=FIRST_ORDER).returncode == 0
    drained = tokens("drain", "--timeout", "90", settings=settings)
    assert drained.returncode == 0, drained.stderr
    assert serials(address) == ["ST-1", "ST-2"]


def test_a_given_server_is_not_embedded(
    tmp_path: Path, start_up: Start, given_servers: dict[str, str]
) -> None:
    del given_servers["TOKENS_DATABASE_URL"]
    up = start_up(settings_of(tmp_path, **given_servers))
    up.wait_for_line("ready ")
    assert [line for line in up.lines if line.startswith("starting ")] == ["starting Postgres 18"]
    assert up.end(signal.SIGTERM, timeout_seconds=10) == 0


def test_a_taken_port_is_a_sentence(tmp_path: Path, given_servers: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        refused = tokens("up", settings=settings_of(tmp_path, **given_servers, TOKENS_HTTP=address))
    assert refused.returncode == 1
    assert address in refused.stderr
    assert "TOKENS_HTTP" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    refused = tokens("up", settings=settings_of(tmp_path / "file"))
    assert refused.returncode == 1
    assert "TOKENS_DATA" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_apache_kafka_without_java_is_a_sentence_and_leaves_no_process(tmp_path: Path) -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    refused = tokens(
        "up",
        settings=settings_of(tmp_path, TOKENS_EMBEDDED_KAFKA="apache", PATH="/nowhere", JAVA_HOME=""),
    )
    assert refused.returncode == 1
    assert "Java 17" in refused.stderr
    assert refused.stderr.count("\n") == 1
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before


def test_without_java_up_takes_the_small_broker_and_says_what_it_is_for(
    tmp_path: Path, start_up: Start
) -> None:
    settings = settings_of(tmp_path, PATH="/nowhere", JAVA_HOME="")
    up = start_up(settings)
    address = up.wait_for_line("ready ").removeprefix("ready ")
    assert any("for development" in line for line in up.lines)
    assert tokens("publish", "-", settings=settings, stdin=FIRST_ORDER).returncode == 0
    assert tokens("drain", "--timeout", "60", settings=settings).returncode == 0

    [worker] = [child for child in up.process.children() if child.cmdline()[-1] == "worker"]
    worker.kill()  # Noida would keep its place in the group for ever
    up.wait_for_line("worker runs again")
    second = encoded(order(["ST-2"], sales_order="SO-2"))
    assert tokens("publish", "-", settings=settings, stdin=second).returncode == 0
    drained = tokens("drain", "--timeout", "60", settings=settings)
    assert drained.returncode == 0, drained.stderr

    [broker] = [child for child in up.process.children() if "noida" in child.name()]
    broker.kill()  # it has saved nothing of all this yet
    up.wait_for_line("Noida ended")
    up.wait_for_line("Noida runs again")
    assert (
        tokens(
            "publish", "-", settings=settings, stdin=encoded(order(["ST-3"], sales_order="SO-3"))
        ).returncode
        == 0
    )
    drained = tokens("drain", "--timeout", "90", settings=settings)
    assert drained.returncode == 0, drained.stderr
    assert "ST-1" in serials(address)
    up.end(signal.SIGTERM, timeout_seconds=10)

    refused = tokens(
        "up", settings={**settings, "PATH": os.environ["PATH"], "TOKENS_EMBEDDED_KAFKA": "apache"}
    )
    assert refused.returncode == 1
    assert "TOKENS_EMBEDDED_KAFKA=noida" in refused.stderr
