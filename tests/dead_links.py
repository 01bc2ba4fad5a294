"""Finds links in the Markdown files that lead nowhere: `python -m tests.dead_links`, part of `make lint`.

Links to files and to headings of this repository are followed; addresses on the web are not.
"""

import re
import subprocess
import sys
from pathlib import Path

_LINK = re.compile(r"\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#+\s+(.*?)\s*#*$", re.MULTILINE)


def anchors(markdown: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", markdown)):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        number = 1
        while (candidate := anchor if number == 1 else f"{anchor}-{number - 1}") in found:
            number += 1
        found.add(candidate)
    return found


def dead_links(document: Path) -> list[str]:
    """The links of one document that lead nowhere, as `document: link`."""
    dead = []
    for link in _LINK.findall(_CODE.sub("", _FENCE.sub("", document.read_text(encoding="utf-8")))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        exists = target.exists()
        if not exists or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(f"{document}: {link}")
    return dead


def main() -> int:
    """Print the dead links of all Markdown files under version control; 1 when there are some."""
    listed = subprocess.run(["git", "ls-files", "*.md"], capture_output=True, text=True, check=True).stdout
    dead = [link for document in listed.splitlines() for link in dead_links(Path(document))]
    for link in dead:
        sys.stderr.write(f"dead link in {link}\n")
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
