"""The settings as `tokens settings` shows them."""

import re
from collections.abc import Iterator
from pathlib import Path

from tokens.running import find_running
from tokens.servers import effective_settings
from tokens.settings import Settings, load_settings, split_address, variable

_PASSWORD = re.compile(r"(?<=:)[^:@/]+(?=@)")


def effective_values() -> dict[str, str | int | None]:
    """Variable to effective value, in the order of their declaration; null where there is none."""
    return {variable(name): _plain(value) for name, value in _effective()}


def table_lines() -> Iterator[str]:
    """Two lines a setting: variable, effective value, where it comes from and the default; and what it is."""
    given = load_settings()
    for name, value in _effective():
        field = Settings.model_fields[name]
        if name in given.model_fields_set:
            origin = f"from the environment; default: {_shown(field.default)}"
        elif value != field.default:
            origin = f"from `tokens up`; default: {_shown(field.default)}"
        else:
            origin = "default"
        yield f"{variable(name)} = {_shown(value)}  ({origin})"
        yield f"    {field.description}"


def _effective() -> Settings:
    settings = effective_settings()
    running = find_running(settings.data)
    # Port 0 asks for any free port: the effective one is what the running `up` got.
    found = {
        name: running.settings[name]
        for name in ("http", "worker_http")
        if running is not None and split_address(getattr(settings, name))[1] == 0
    }
    return settings.model_copy(update=found)


def _plain(value: str | int | Path | None) -> str | int | None:
    return str(value) if isinstance(value, Path) else value


def _shown(value: str | int | Path | None) -> str:
    # A password on a screen is a password in a screenshot; `--json` is for programs, and has it.
    return "none" if value in (None, "") else _PASSWORD.sub("***", str(value))
