"""`tokens dead-letters`, run as its users run it, with a worker beside it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from projections.dead_letters.listing import LIST_PARAMETERS
from tests import events
from tests.lifecycle.consumer.producing import Topics
from tests.tokens.commands import Command, tokens
from tokens.commands.dead_letters import dead_letters
from tokens.settings import Settings

ORDER = events.order(["ST-1"])
WRONG = events.encoded(events.with_data(ORDER, order_date="soon"))
BINARY = [
    *((f"ce_{name}", ORDER[name].encode()) for name in ("specversion", "id", "source", "type", "time")),
    ("content-type", b"application/json"),
]
DATA = json.dumps({**ORDER["data"], "order_date": "soon"}).encode()


class Operator:
    """Someone at a terminal of a service that runs."""

    def __init__(self, settings: Settings) -> None:
        assert settings.kafka is not None
        assert settings.database_url is not None
        self.environment = {
            "TOKENS_KAFKA": settings.kafka,
            "TOKENS_DATABASE_URL": settings.database_url,
            "TOKENS_TOPIC_PREFIX": settings.topic_prefix,
        }
        self._topics = Topics(settings)

    def bury(
        self, *values: bytes | None, topic: str = "orders", headers: list[tuple[str, bytes]] | None = None
    ) -> None:
        """Make a dead letter of each value."""
        self._topics.send(*values, topic=topic, partition=1, headers=headers or [])
        self.drain()

    def drain(self) -> None:
        assert tokens("drain", settings=self.environment).returncode == 0

    def says(self, *arguments: str, stdin: bytes = b"") -> str:
        """What `tokens dead-letters` prints, where it is content."""
        done = tokens("dead-letters", *arguments, settings=self.environment, stdin=stdin)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def fails(self, *arguments: str, code: int = 1, stdin: bytes = b"") -> str:
        """What it says where it is not."""
        done = tokens("dead-letters", *arguments, settings=self.environment, stdin=stdin)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr


@pytest.fixture
def operator(settings: Settings) -> Iterator[Operator]:
    operator = Operator(settings)
    worker = Command("worker", settings=operator.environment)
    yield operator
    worker.close()


def test_a_letter_is_listed_shown_corrected_and_gone(operator: Operator, tmp_path: Path) -> None:
    assert operator.says() == "no dead letters\n"
    operator.bury(DATA, headers=BINARY)
    listed = operator.says().splitlines()
    assert listed[0].startswith("1  not_date  ")
    assert "orders/1/0  20" in listed[0]
    assert listed[1].startswith("    not_date at /data/order_date: ")
    assert listed[2:] == ["1 dead letter"]
    shown = operator.says("show", "1")
    assert "dead letter 1: not_date at /data/order_date" in shown
    assert f"header     ce_id: {ORDER['id']}" in shown
    assert shown.endswith(f"value      {len(DATA)} bytes\n\n{DATA.decode()}\n")
    file = tmp_path / "fixed.json"
    file.write_text(operator.says("show", "1", "--event").replace("soon", "2026-01-10"))
    said = operator.says("requeue", "1", "--edit", str(file))
    assert said.startswith("requeued dead letter 1 to ")
    operator.drain()
    assert operator.says("list") == "no dead letters\n"
    kept = operator.says("list", "--state", "all").splitlines()
    assert kept[2].startswith("    requeued 20")
    assert kept[2].endswith(", corrected")
    rows = json.loads(tokens("query", "--json", settings=operator.environment).stdout)["rows"]
    assert [row["token_serial"] for row in rows] == ["ST-1"]
    assert "was requeued at 20" in operator.fails("requeue", "1")
    operator.says("requeue", "1", "--again", "--edit", str(file))


def test_one_that_fails_again_names_the_one_before(operator: Operator) -> None:
    operator.bury(b"{")
    operator.says("requeue", "1")
    operator.drain()
    listed = operator.says()
    assert listed.startswith("2  not_json  ")
    assert "requeued from " in listed
    assert "orders/1/0, where it was dead letter 1\n" in listed
    assert "failed again: dead letter 2" in operator.says("show", "1")


def test_many_are_requeued_by_their_rule_or_all(operator: Operator) -> None:
    operator.bury(b"{", b"", b"[", None)
    assert operator.says("requeue", "--rule", "empty") == "requeued 2, refused 0\n"
    operator.drain()
    page = json.loads(operator.says("list", "--json", "--state", "all"))
    assert [(each["dead_letter"], each["state"]) for each in page["dead_letters"]] == [
        *((6, "open"), (5, "open"), (4, "requeued"), (3, "open"), (2, "requeued"), (1, "open")),
    ]
    assert operator.says("requeue", "--all") == "requeued 4, refused 0\n"


def test_one_is_discarded_with_a_reason(operator: Operator) -> None:
    operator.bury(b"{")
    assert "--reason" in operator.fails("discard", "1", code=2)
    assert "reason" in operator.fails("discard", "1", "--reason", " ", code=2)
    assert operator.says("discard", "1", "--reason", "ein Test") == "discarded dead letter 1\n"
    assert operator.says() == "no dead letters\n"
    assert "ein Test\n" in operator.says("list", "--state", "discarded")
    assert "was discarded at 20" in operator.fails("requeue", "1")
    assert "there is no dead letter 2" in operator.fails("discard", "2", "--reason", "x")


def test_other_content_shows_where_both_came_from(operator: Operator) -> None:
    other = events.encoded(events.with_data(ORDER, org_id="ORG-9"))
    operator.bury(events.encoded(ORDER), other)
    shown = operator.says("show", "1")
    assert "orders/1/1\n" in shown
    [stands] = [line for line in shown.splitlines() if line.startswith("stands ")]
    assert "orders/1/0, recorded 20" in stands
    assert json.loads(operator.says("show", "1", "--json"))["recorded"]["offset"] == 0


def test_pages_and_filters(operator: Operator) -> None:
    operator.bury(b"{", b"[", b"")
    operator.bury(b"(", topic="transfers")
    first = operator.says("list", "--limit", "3")
    assert [line[0] for line in first.splitlines() if line[0] in "1234567"] == ["4", "3", "2", "3"]
    assert first.endswith("3 dead letters\nolder ones: --after 2\n")
    assert operator.says("list", "--after", "2").startswith("1  ")
    assert operator.says("list", "--topic", "transfers").count("not_json  ") == 1
    assert operator.says("list", "--rule", "empty").startswith("3  empty")
    assert "--rule" in operator.fails("list", "--rule", "nope", code=2)


def test_bytes_cannot_drive_the_terminal(operator: Operator) -> None:
    operator.bury("ü\x1b[31m\n{".encode(), headers=[("a\x1b", b"\x1b"), ("b", b"\xff")])
    operator.bury(b"\xff\x1b")
    shown = operator.says("show", "1")
    assert "\x1b" not in shown
    assert shown.endswith("value      9 bytes\n\nü [31m\n{\n")
    assert "header     b: /w== (base64)\n" in shown
    assert operator.says("show", "2").endswith("value      2 bytes, as base64\n\n/xs=\n")
    assert "\x1b" not in operator.says()


def test_what_cannot_be_asked(operator: Operator, tmp_path: Path) -> None:
    for arguments in (
        ["requeue"],
        ["requeue", "1", "--all"],
        ["requeue", "--all", "--rule", "empty"],
        ["requeue", "--all", "--again"],
        ["requeue", "--all", "--edit", "-"],
        ["requeue", "--rule", "nope"],
        ["requeue", "1", "--edit", str(tmp_path / "gone")],
        ["requeue", "0"],
        ["show", "x"],
        ["show", "1", "--json", "--event"],
    ):
        operator.fails(*arguments, code=2)
    operator.bury(b"{")
    refused = operator.fails("requeue", "1", "--edit", "-", stdin=WRONG)
    assert "the corrected event would be refused again: not_date at /data/order_date" in refused
    assert operator.says().startswith("1  not_json")


def test_servers_that_are_away_are_said(operator: Operator, database_url: str) -> None:
    operator.bury(b"{")
    environment = {**operator.environment, "TOKENS_KAFKA": "127.0.0.1:1"}
    for arguments in (["1"], ["--all"]):
        done = tokens("dead-letters", "requeue", *arguments, settings=environment)
        assert done.returncode == 1
        assert "Kafka at 127.0.0.1:1 does not answer" in done.stderr
    assert operator.says().startswith("1  not_json")
    nowhere = {**operator.environment, "TOKENS_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    done = tokens("dead-letters", settings=nowhere)
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot be reached" in done.stderr


def test_a_database_without_tables_is_said(empty_database_url: str) -> None:
    done = tokens("dead-letters", settings={"TOKENS_DATABASE_URL": empty_database_url, "TOKENS_KAFKA": "x:1"})
    assert done.returncode == 1
    assert "run `tokens migrate`" in done.stderr


def test_every_command_and_parameter_is_documented() -> None:
    document = (Path(__file__).parents[2] / "docs" / "dead-letters.md").read_text()
    for command in dead_letters.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        assert f"| `tokens dead-letters {name}" in document
    for parameter in LIST_PARAMETERS:
        assert f"`--{parameter.name}`" in document
        assert f"`{parameter.name}`" in document
