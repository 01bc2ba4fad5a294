"""`docs/api.md` shows every call of the API, and what it shows works."""

import asyncio
import re
import sys
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.projections.read.serving import NOWHERE, app_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
SHOWN_ADDRESS = "http://127.0.0.1:8080"

_HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Snippet(NamedTuple):
    """What can be run: a line for a shell, or a program. `shown` is its output, empty where none is shown."""

    language: str
    text: str
    shown: str


def snippets(markdown: str) -> list[Snippet]:
    """The snippets of a part of the document, in order."""
    found = []
    for language, text in _BLOCK.findall(markdown):
        if language == "python":
            found.append(Snippet(language, text, ""))
            continue
        for command in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, shown = command.partition("\n")
            found.append(Snippet(language, line, shown.strip()))
    return found


def sections(markdown: str) -> dict[str, str]:
    """The parts of the document by heading; what comes before the first has none."""
    before, *rest = _HEADING.split(markdown)
    return {"": before, **dict(zip(rest[::2], rest[1::2], strict=True))}


def test_every_call_has_a_section_with_curl_and_python() -> None:
    paths = app_of(NOWHERE).openapi()["paths"]
    calls = {f"`{method.upper()} {path}`" for path, item in paths.items() for method in item}
    shown = sections(DOCUMENT.read_text(encoding="utf-8"))
    assert set(shown) - {""} == calls
    for call in calls:
        languages = {snippet.language for snippet in snippets(shown[call])}
        assert languages == {"console", "python"}, call
        path = re.sub(r"\{[a-z_]+\}", "[^/?']+", call.strip("`").split()[1])
        for snippet in snippets(shown[call]):
            assert re.search(rf"{re.escape(SHOWN_ADDRESS)}{path}(?![/\w-])", _plain(snippet.text)), (
                snippet.text
            )


async def test_every_snippet_does_what_it_shows(company: httpx.AsyncClient, tmp_path: Path) -> None:
    ran = 0
    for snippet in snippets(DOCUMENT.read_text(encoding="utf-8")):
        said = await _run(snippet, str(company.base_url).rstrip("/"), tmp_path)
        shown = re.escape(snippet.shown).replace("…", ".+")
        assert not shown or re.fullmatch(shown, said), f"{snippet.text}\n{said}"
        ran += 1
    assert ran >= 30


async def _run(snippet: Snippet, address: str, folder: Path) -> str:
    """What the snippet writes, without blanks at the ends. Fails where it fails, or a program says nothing."""
    text = snippet.text.replace(SHOWN_ADDRESS, address)
    if snippet.language == "python":
        command = [sys.executable, "-I", "-W", "error::SyntaxWarning", "-c", text]
    else:
        assert text.startswith("curl "), text
        command = ["bash", "-c", text.replace("curl ", "curl --silent --show-error --fail-with-body ", 1)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = await process.communicate()
    assert process.returncode == 0, f"{snippet.text}\n{said.decode()}\n{complained.decode()}"
    assert said or "--output" in text, snippet.text
    return said.decode().strip()


def _plain(text: str) -> str:
    """A program's addresses without the variables in them."""
    return re.sub(r"\{serial\}", "serial", text)
