"""Writes the files that are made from the contract: `python -m schemas.generate`.

- `json/<type>.schema.json`: the JSON Schema of a type
- `examples/<type>/<version>/golden.json`: its golden example
- `examples/bad/<rule>.json` (`.bin` where it is no JSON): a bad example per rule, listed in `index.json`
- `asyncapi.json`: all topics, keys and messages

With `--check` it writes nothing, names the files that are out of date or belong to nothing, and exits 1.
"""

import base64
import sys
from pathlib import Path
from typing import Any

import orjson

from schemas.asyncapi import asyncapi_document
from schemas.bad_examples import BAD_EXAMPLES, BadExample
from schemas.golden import GOLDEN
from schemas.json_schema import event_schema
from schemas.rules import RULES
from schemas.topics import EVENT_TYPES, OUTPUT_EVENT_TYPES

FOLDER = Path(__file__).parent
# Larger bad examples are only told of in the index: a repository is no place for 4 MiB of blanks.
WRITTEN_MAX_BYTES = 64 * 1024


def generated_files() -> dict[str, bytes]:
    """The content of each generated file by its path from this folder, `/` between the steps."""
    files = {"asyncapi.json": _json(asyncapi_document())}
    for name, event_type in (EVENT_TYPES | OUTPUT_EVENT_TYPES).items():
        subject, _, version = name.rpartition(".v")
        files[f"json/{name}.schema.json"] = _json(event_schema(event_type))
        files[f"examples/{subject}/{version}/golden.json"] = _json(GOLDEN[name])
    files["examples/bad/index.json"] = _json({bad.rule: _index_entry(bad) for bad in BAD_EXAMPLES})
    for bad in BAD_EXAMPLES:
        if len(bad.value) <= WRITTEN_MAX_BYTES:
            files[f"examples/bad/{_file_name(bad)}"] = bad.value
    return files


def out_of_date(folder: Path = FOLDER) -> list[str]:
    """The paths of files that are missing, differ, or are no longer generated."""
    expected = generated_files()
    present = {
        path.relative_to(folder).as_posix()
        for below in ("json", "examples")
        for path in folder.joinpath(below).rglob("*")
        if path.is_file()
    }
    differing = [path for path, content in expected.items() if _content(folder / path) != content]
    return sorted({*differing, *(present - expected.keys())})


def write(folder: Path = FOLDER) -> list[str]:
    """Bring `folder` up to date; the paths of the files that were not."""
    expected = generated_files()
    changed = out_of_date(folder)
    for path in changed:
        if path in expected:
            folder.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            folder.joinpath(path).write_bytes(expected[path])
        else:
            folder.joinpath(path).unlink()
    return changed


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m schemas.generate [--check]\n")
        return 2
    if not arguments:
        sys.stdout.writelines(f"wrote {path}\n" for path in write())
        return 0
    stale = out_of_date()
    sys.stderr.writelines(
        f"out of date: schemas/{path} (run: python -m schemas.generate)\n" for path in stale
    )
    return 1 if stale else 0


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _json(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _file_name(bad: BadExample) -> str:
    try:
        orjson.loads(bad.value)
    except orjson.JSONDecodeError:
        return f"{bad.rule}.bin"
    return f"{bad.rule}.json"


def _index_entry(bad: BadExample) -> dict[str, Any]:
    written = len(bad.value) <= WRITTEN_MAX_BYTES
    return {
        "rule": RULES[bad.rule],
        "pointer": bad.pointer,
        "headers": [[name, _header_text(value)] for name, value in bad.headers],
        "bytes": len(bad.value),
        "file": _file_name(bad) if written else None,
    }


def _header_text(value: bytes) -> str | dict[str, str]:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
