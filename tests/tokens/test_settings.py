"""Settings: one declaration, and where the servers of a command come from."""

import json
from pathlib import Path

import pytest

from tests.tokens.commands import tokens
from tokens.settings import Settings, split_address, variable


def test_every_setting_is_listed_with_its_meaning(tmp_path: Path) -> None:
    listed = tokens(
        "settings", settings={"TOKENS_DATA": str(tmp_path), "TOKENS_ZONE": "Europe/Vienna"}
    ).stdout
    for name, field in Settings.model_fields.items():
        assert f"{variable(name)} = " in listed
        assert field.description
        assert field.description in listed
    assert "TOKENS_ZONE = Europe/Vienna  (from the environment; default: America/Los_Angeles)" in listed


def test_a_password_is_in_the_json_alone(tmp_path: Path) -> None:
    url = "postgresql://someone:secret@db.example:5432/tokens"
    environment = {"TOKENS_DATA": str(tmp_path), "TOKENS_DATABASE_URL": url}
    assert "secret" not in tokens("settings", settings=environment).stdout
    listed = json.loads(tokens("settings", "--json", settings=environment).stdout)
    assert listed["TOKENS_DATABASE_URL"] == url
    assert list(listed) == [variable(name) for name in Settings.model_fields]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOKENS_ZONE", "Mars/Olympus"),
        ("TOKENS_HTTP", "8080"),
        ("TOKENS_PARTITIONS", "0"),
        ("TOKENS_TOPIC_PREFIX", "a b"),
        ("TOKENS_EMBEDDED_KAFKA", "redpanda"),
        ("TOKENS_LOG_LEVEL", "loud"),
    ],
)
def test_a_wrong_setting_is_named_in_a_sentence(name: str, value: str, tmp_path: Path) -> None:
    wrong = tokens("settings", settings={"TOKENS_DATA": str(tmp_path), name: value})
    assert wrong.returncode == 2
    assert f"{name}={value} " in wrong.stderr
    assert wrong.stderr.count("\n") == 1


def test_an_empty_variable_is_an_absent_one(tmp_path: Path) -> None:
    environment = {"TOKENS_DATA": str(tmp_path), "TOKENS_ZONE": ""}
    assert (
        json.loads(tokens("settings", "--json", settings=environment).stdout)["TOKENS_ZONE"]
        == "America/Los_Angeles"
    )


@pytest.mark.parametrize("command", [["drain"], ["migrate"], ["worker"], ["api"], ["query"]])
def test_a_command_without_servers_says_both_ways_to_name_them(command: list[str], tmp_path: Path) -> None:
    lost = tokens(*command, settings={"TOKENS_DATA": str(tmp_path), "TOKENS_HTTP": "127.0.0.1:0"})
    assert lost.returncode == 1
    assert "TOKENS_KAFKA" in lost.stderr or "TOKENS_DATABASE_URL" in lost.stderr
    assert "tokens up" in lost.stderr


def test_addresses_are_split_at_the_last_colon() -> None:
    assert split_address("127.0.0.1:80") == ("127.0.0.1", 80)
    assert split_address("[::1]:0") == ("::1", 0)
    for wrong in ("127.0.0.1", ":80", "host:", "host:x", "host:65536"):
        with pytest.raises(ValueError, match="HOST:PORT"):
            split_address(wrong)
