"""What a contender's table must say: a run whose rows say anything else does not count."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.reference import rules

ZONE = "America/Los_Angeles"
ANY = object()
"""In a cell: what stands here depends on how the topics were interleaved or cut into batches."""

Cells = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One of so many serials, chosen by its text alone; of 1, all."""

    one_of: int = 1

    def __contains__(self, serial: object) -> bool:
        return zlib.crc32(str(serial).encode()) % self.one_of == 0


@dataclass(frozen=True, slots=True)
class ExpectedRows:
    """The cells of each serial of a sample, as texts or None, in the order of `columns`."""

    columns: tuple[str, ...]
    cells: Mapping[str, Cells]
    sample: Sample
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "hash", self.hash_of((serial, *row) for serial, row in self.cells.items()))

    def hash_of(self, rows: Iterable[Sequence[object]]) -> str:
        """Of rows that begin with their serial, in any order; cells that nothing determines are passed over.

        An empty text is an absent one.
        """
        digest = hashlib.blake2b(digest_size=12)
        for serial, *row in sorted((each for each in rows if each[0] in self.sample), key=_serial):
            wanted = self.cells.get(str(serial), ())
            masked = [None if want is ANY else cell or None for cell, want in zip(row, wanted, strict=False)]
            digest.update(orjson.dumps([serial, *masked]))
        return digest.hexdigest()

    def first_difference(self, rows: Iterable[Sequence[object]]) -> str:
        """In words, for whoever looks for the reason."""
        stored = {str(serial): tuple(row) for serial, *row in rows if serial in self.sample}
        for serial, wanted in sorted(self.cells.items()):
            for column, want, cell in zip(self.columns, wanted, stored.get(serial, ()), strict=False):
                if want is not ANY and (want or None) != (cell or None):
                    return f"{column} of {serial} is {cell}, expected {want}"
        return f"{len(stored)} serials, expected {len(self.cells)}"


def report_rows(lines: Iterable[bytes], as_of: int, sample: Sample) -> ExpectedRows:
    """The report at an instant (microseconds), by the reference of the rules: it shares no code with the service.

    Of a sample, `lines` must be readable twice: a document, a station and a token are followed whole, or not at all.
    """
    every = [orjson.loads(line) for line in lines]
    rows = rules.rows_at(_about(every, sample) if sample.one_of > 1 else every, as_of, ZONE)
    columns = rules.COLUMNS[1:]
    cells = {
        serial: tuple(None if row[column] is None else str(row[column]) for column in columns)
        for serial, row in rows.items()
        if serial in sample
    }
    return ExpectedRows(columns, cells, sample)


def _about(events: list[Any], sample: Sample) -> list[Any]:
    """All events that the rows of the sample follow from."""
    wanted: set[str] = set()
    for event in events:
        if any(serial in sample for serial in _serials(event["data"])):
            wanted.update(_subjects(event["data"]))
    return [
        event
        for event in events
        if event["type"].endswith("retracted.v1") or not wanted.isdisjoint(_subjects(event["data"]))
    ]


def _serials(data: Any) -> list[str]:
    """The tokens that an event names."""
    if "lines" in data:
        return [serial for line in data["lines"] for serial in line["token_serials"]]
    if "token_serials" in data:
        return list(data["token_serials"])
    return [data["token_serial"]] if "token_serial" in data else []


def _subjects(data: Any) -> list[str]:
    """The documents, stations and tokens that an event is about; their names are unlike each other's."""
    named = [data[name] for name in ("sales_order", "shipment", "station_serial") if name in data]
    named += [line["sales_order"] for line in data.get("lines", ()) if "sales_order" in line]
    return named if "lines" in data else named + _serials(data)


def _serial(row: Sequence[object]) -> str:
    return str(row[0])
