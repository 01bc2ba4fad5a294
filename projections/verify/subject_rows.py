"""Order lines, shipments and stations: what is stored of them, beside what the journal says."""

from collections.abc import Iterable
from typing import Any

import msgspec

from lifecycle.facts import (
    StationFacts,
    unpack_order_versions,
    unpack_serials,
    unpack_shipment_versions,
    unpack_station,
)
from lifecycle.subjects import Line, Shipment, Station
from projections.recorder.subjects import LINE, SHIPMENT, STATION, started_at
from projections.verify.differences import ABSENT, Differences, Instant
from projections.verify.partition import Part, SubjectsOfPart

ROWS_AT_ONCE = 2_000
_NAMES = {LINE: "order line", SHIPMENT: "shipment", STATION: "station"}


async def compare_subjects(connection: Any, subjects: SubjectsOfPart, differences: Differences) -> None:
    """Compare the subjects of a part, both ways. Those compared are taken out of the workspace."""
    part, workspace = subjects.part, subjects.workspace
    derived: dict[int, dict[str, Any]] = {
        LINE: dict(workspace.lines),
        SHIPMENT: dict(workspace.shipments),
        STATION: dict(workspace.stations),
    }
    async for kind, key, facts, serials, started in connection.cursor(
        f"""
        select kind, key, facts, serials, started_at from subjects where {Part.condition("key")}
        order by kind, key
        """,
        part.of,
        part.number,
        prefetch=ROWS_AT_ONCE,
    ):
        thing = _named(kind, key)
        subject = derived.get(kind, {}).pop(key, None)
        if subject is None:
            differences.note(thing, "row", "stored", ABSENT)
            continue
        try:
            _compare_facts(thing, facts, subject, differences)
            missing = subject.serials.keys() - set(unpack_serials(serials))
        except msgspec.DecodeError as error:
            differences.note(thing, "facts or serials", f"unreadable ({error})", ABSENT)
            continue
        if started != (began := started_at(subject)):
            differences.note(thing, "started_at", _instant(started), _instant(began))
        for serial in sorted(missing):
            differences.note(thing, "serials", ABSENT, serial)
    for kind, remaining in derived.items():
        for key, subject in remaining.items():
            if part.holds(key) and _says_something(subject):
                differences.note(_named(kind, key), "row", ABSENT, "in the journal")


def _compare_facts(thing: str, facts: bytes, subject: Any, differences: Differences) -> None:
    if isinstance(subject, Station):
        _compare_station(thing, unpack_station(facts), subject, differences)
    elif isinstance(subject, Line):
        _compare_versions(thing, unpack_order_versions(facts), subject.versions, differences)
    else:
        _compare_versions(thing, unpack_shipment_versions(facts), subject.versions, differences)


def _compare_versions(
    thing: str, stored: Iterable[Any], derived: Iterable[Any], differences: Differences
) -> None:
    stored_of = {version.identity: version for version in stored}
    derived_of = {version.identity: version for version in derived}
    for identity in sorted(stored_of.keys() | derived_of.keys()):
        ours, theirs = stored_of.get(identity), derived_of.get(identity)
        if ours is None or theirs is None:
            version: Any = ours or theirs
            column = f"the version of {version.source} {version.id}"
            differences.note(thing, column, ours or ABSENT, theirs or ABSENT)
            continue
        column = f"the version of {theirs.source} {theirs.id}"
        for name in theirs.__struct_fields__:
            differences.compare(thing, f"{name} of {column}", getattr(ours, name), getattr(theirs, name))


def _compare_station(thing: str, stored: StationFacts, derived: Station, differences: Differences) -> None:
    differences.compare(thing, "first activation", stored.first or ABSENT, derived.first or ABSENT)


def _instant(at: int | None) -> Instant | None:
    return None if at is None else Instant(at)


def _says_something(subject: Line | Shipment | Station) -> bool:
    facts = subject.first if isinstance(subject, Station) else subject.versions
    return bool(facts or subject.serials)


def _named(kind: int, key: str) -> str:
    return f"{_NAMES.get(kind, f'subject of kind {kind}')} {key.replace(chr(0x1F), ' / ')}"
