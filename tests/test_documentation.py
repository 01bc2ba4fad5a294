"""Every command, setting and rule of the contract is documented."""

from pathlib import Path

import pytest

from lifecycle.anomalies import ANOMALIES
from lifecycle.stages import Status
from schemas.rules import RULES
from schemas.topics import EVENT_TYPES
from tokens.cli import COMMANDS
from tokens.settings import Settings, variable

DOCS = Path(__file__).parent.parent / "docs"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_documented(command: str) -> None:
    assert f"| `tokens {command}" in (DOCS / "operations.md").read_text()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_each_setting_is_documented_with_its_default(name: str) -> None:
    default = Settings.model_fields[name].default
    shown = f" {default} " if default not in (None, "") else " "
    assert f"| `{variable(name)}` |{shown}|" in (DOCS / "operations.md").read_text()


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_for_messages_is_documented_in_its_words(rule: str) -> None:
    assert f"| `{rule}` | {RULES[rule]} |" in (DOCS / "events.md").read_text()


@pytest.mark.parametrize("event_type", EVENT_TYPES)
def test_each_event_type_is_documented_with_its_topic(event_type: str) -> None:
    row = f"| [`{event_type}`](../schemas/json/{event_type}.schema.json) | `{EVENT_TYPES[event_type].topic}`"
    assert row in (DOCS / "events.md").read_text()


@pytest.mark.parametrize("anomaly", ANOMALIES)
def test_each_anomaly_is_documented_in_its_words(anomaly: str) -> None:
    assert f"| `{anomaly}` | {ANOMALIES[anomaly]} |" in (DOCS / "rules.md").read_text()


@pytest.mark.parametrize("status", Status)
def test_each_status_is_documented(status: Status) -> None:
    assert f"| {status.value} | " in (DOCS / "rules.md").read_text()
