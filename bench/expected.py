"""What a contender's table must say: a run whose rows say anything else does not count."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.reference import rules

ZONE = "America/Los_Angeles"
ANY = object()
"""In a cell: what stands here depends on how the topics were interleaved or cut into batches."""

Cells = tuple[object, ...]
Lines = Callable[[], Iterable[bytes]]
"""Gives the lines of all events that a table was made of, as often as asked."""


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


def report_rows(lines: Lines, as_of: int, sample: Sample) -> ExpectedRows:
    """The report at an instant (microseconds), by the reference of the rules: it shares no code with the service.

    Of a sample, `lines` are read twice, and never held: there may be ten million.
    """
    events = _about(lines, sample) if sample.one_of > 1 else map(orjson.loads, lines())
    rows = rules.rows_at(events, as_of, ZONE)
    columns = rules.COLUMNS[1:]
    cells = {
        serial: tuple(None if row[column] is None else str(row[column]) for column in columns)
        for serial, row in rows.items()
        if serial in sample
    }
    return ExpectedRows(columns, cells, sample)


def _about(lines: Lines, sample: Sample) -> Iterator[Any]:
    """All events that the rows of the sample follow from: documents, stations and tokens are followed whole.

    Without the other serials of a document, which would make rows of nearly all tokens: no row hangs on another's.
    """
    wanted: set[str] = set()
    for event in map(orjson.loads, lines()):
        if any(serial in sample for serial in _serials(event["data"])):
            wanted.update(_subjects(event["data"], sample))
    for event in map(orjson.loads, lines()):
        data = event["data"]
        if event["type"].endswith("retracted.v1") or not wanted.isdisjoint(_subjects(data, sample)):
            for part in (data, *data.get("lines", ())):
                if "token_serials" in part:
                    part["token_serials"] = [each for each in part["token_serials"] if each in sample]
            yield event


def _serials(data: Any) -> list[str]:
    """The tokens that an event names."""
    if "lines" in data:
        return [serial for line in data["lines"] for serial in line["token_serials"]]
    if "token_serials" in data:
        return list(data["token_serials"])
    return [data["token_serial"]] if "token_serial" in data else []


def _subjects(data: Any, sample: Sample) -> list[str]:
    """The documents, stations and tokens of the sample that an event is about; their names are unlike each other's."""
    named = [data[name] for name in ("sales_order", "shipment", "station_serial") if name in data]
    named += [line["sales_order"] for line in data.get("lines", ()) if "sales_order" in line]
    return named if "lines" in data else named + [each for each in _serials(data) if each in sample]


def _serial(row: Sequence[object]) -> str:
    return str(row[0])
