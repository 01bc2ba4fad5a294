"""Files outside the packages that must agree with each other."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.dead_links import anchors, dead_links
from tokens.embedded.postgres import MAJOR_VERSION
from tokens.settings import Settings, variable

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-service.lock")


def pinned(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), re.MULTILINE))


def names(requirements: list[str]) -> set[str]:
    found = (re.match(r"[A-Za-z0-9-]+", requirement) for requirement in requirements)
    return {match[0].lower() for match in found if match}


def test_the_locks_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    service = names(project["project"]["dependencies"])
    assert service <= set(pinned("requirements-service.lock"))
    tools = names(
        [*project["project"]["optional-dependencies"]["embedded"], *project["dependency-groups"]["dev"]]
    )
    assert service | tools <= set(pinned("requirements.lock"))
    assert pinned("requirements-service.lock").items() <= pinned("requirements.lock").items()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_no_addresses(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "://" not in text
    assert not re.search(r"^--(index|extra-index|find-links)", text, re.MULTILINE)
    for requirement in re.split(r"\n(?=[a-z])", text):
        assert "--hash=sha256:" in requirement


def test_containers_run_the_versions_that_are_embedded() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    [kafka] = re.findall(r"image: apache/kafka:(\S+)", compose)
    pom = (ROOT / "tokens/embedded/kafka.pom.xml").read_text()
    assert re.search(rf"<artifactId>kafka_[\d.]+</artifactId>\s*<version>{re.escape(kafka)}</version>", pom)
    assert re.findall(r"image: postgres:(\S+)", compose) == [MAJOR_VERSION]


def test_containers_set_nothing_that_is_no_setting() -> None:
    compose = (ROOT / "docker-compose.yml").read_text()
    set_there = set(re.findall(r"^ +(TOKENS_\w+):", compose, re.MULTILINE))
    assert set_there
    assert set_there <= {variable(name) for name in Settings.model_fields}


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [phony] = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert re.findall(r"^  make (\w+)", listed, re.MULTILINE) == phony.split()


def test_dead_links_are_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading, with `code`\n")
    document = tmp_path / "page.md"
    document.write_text(
        "# Top\n[1](there.md) [2](there.md#a-heading-with-code) [3](#top) [4](https://example.org/x)\n"
        "[5](gone.md) [6](there.md#gone) [7](#gone) `[8](code.md)`\n"
        "```\n[9](code.md)\n```\n"
    )
    assert [link.split(": ")[1] for link in dead_links(document)] == ["gone.md", "there.md#gone", "#gone"]
    assert anchors("# Twice\n# Twice\n") == {"twice", "twice-1"}
