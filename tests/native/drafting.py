"""Drafts the events of a file as a first batch, without any server: `python -m tests.native.drafting FILE EVENTS`.

It imports next to nothing, so that its instructions are those of the compiled part.
"""

import sys
from types import SimpleNamespace

from lifecycle.calendar import Calendar
from native import compiled

NOW = 1_772_000_000_000_000
HEADERS = (("content-type", b"application/cloudevents+json"),)


def refuse(value: bytes, _: object) -> None:
    """Stands for the reader in Python: what is drafted here is plain."""
    raise ValueError(value)


def draft(lines: list[bytes]) -> int:
    """Everything that a worker does with a batch but ask servers; gives the number of rows."""
    arrivals = compiled.Arrivals()
    records = [
        SimpleNamespace(
            topic="orders",
            partition=0,
            offset=offset,
            timestamp=0,
            key=None,
            headers=HEADERS,
            value=line,
        )
        for offset, line in enumerate(lines)
    ]
    arrivals.receive(records, refuse)
    statuses = ["New", "Available", "Active", "Expired"]
    rules = compiled.Rules(Calendar("America/Los_Angeles"), [0, 1, 2, 3, None], statuses, [90, 60, 30, 7])
    drafted = compiled.Draft(rules, 1)
    drafted.take(arrivals)
    drafted.know([])
    segments = drafted.segments(512)
    drafted.place(list(range(len(segments))), 512)
    drafted.identities()
    drafted.subject_keys()
    drafted.load_subjects([])
    drafted.apply(1_000_000)
    drafted.read(drafted.touched(), [])
    drafted.load_subjects([])
    written = 0
    while (folded := drafted.fold(2_500, NOW)) is not None:
        written += folded[0]
    drafted.subjects()
    drafted.documents()
    drafted.announced()
    return written


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        values = [line.rstrip(b"\n") for line in file][: int(sys.argv[2])]
    sys.stdout.write(f"{draft(values)}\n")
