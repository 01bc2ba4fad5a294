"""The subjects that events meet at before they reach tokens: order lines, shipments and stations.

A subject holds its versions or activations and the serials that must be folded again when they change.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar

from lifecycle.facts import (
    Activation,
    OrderVersion,
    ShipmentVersion,
    pack,
    retracted_version,
    unpack_serials,
)

Version = TypeVar("Version", OrderVersion, ShipmentVersion)
Plan = tuple[str, str, int]
NO_SERIALS = pack([])


def line_key(sales_order: str, line: str) -> str:
    """An order line's key; identifiers hold no control characters, so the separator cannot occur in one."""
    return f"{sales_order}\x1f{line}"


def version_in_force(versions: Iterable[Version], until: int | None = None) -> Version | None:
    """The last version by (revision, time, source, id) that no retraction takes back.

    With `until`, as the documents and retractions with `time` up to then alone would have it.
    """
    best: Version | None = None
    for version in versions:
        if until is None:
            if version.retracted is not None:
                continue
        elif version.time > until or (version.retracted is not None and version.retracted <= until):
            continue
        if best is None or _version_order(version) > _version_order(best):
            best = version
    return best


def _version_order(version: OrderVersion | ShipmentVersion) -> tuple[int, int, str, str]:
    return version.revision, version.time, version.source, version.id


class Subject:
    """What events meet at, known by its key, and the tokens that are folded again when it changes.

    `packed_serials` is as stored, and unpacked only when it is asked for: most activations change nothing.
    None stands for a subject that was read only to be looked at.
    """

    def __init__(self, key: str, packed_serials: bytes | None, is_stored: bool) -> None:
        self.key = key
        self.packed_serials = packed_serials
        self.is_stored = is_stored
        self.is_changed = False

    @cached_property
    def serials(self) -> dict[str, None]:
        """Every token ever tied to this subject; a dict, to keep them in the order of their coming."""
        assert self.packed_serials is not None, "a subject that is read to be looked at does not change"
        return dict.fromkeys(unpack_serials(self.packed_serials))

    def tie(self, serials: Iterable[str]) -> None:
        """Remember tokens."""
        before = len(self.serials)
        self.serials.update(dict.fromkeys(serials))
        if len(self.serials) != before:
            self.is_changed = True
            self.packed_serials = None

    def pack_serials(self) -> bytes:
        """The serials as they are stored."""
        return self.packed_serials or pack(list(self.serials))


class Document(Subject, Generic[Version]):
    """A subject of which events bring whole versions: an order line or a shipment."""

    def __init__(
        self,
        key: str,
        versions: list[Version],
        packed_serials: bytes | None = NO_SERIALS,
        is_stored: bool = False,
    ) -> None:
        super().__init__(key, packed_serials, is_stored)
        self.versions: list[Version] = versions
        self.is_revised = False
        self.in_force_before: Version | None = None

    @cached_property
    def in_force(self) -> Version | None:
        """The version that counts now."""
        if len(self.versions) == 1 and self.versions[0].retracted is None:
            return self.versions[0]
        return version_in_force(self.versions)

    def add(self, version: Version) -> None:
        """Take a version in. Versions are kept by identity, so that arrival leaves no trace."""
        self._remember()
        self.versions.append(version)
        if len(self.versions) > 1:
            self.versions.sort(key=lambda each: each.identity)
        self._changed()

    def retract(self, identity: bytes, time: int) -> None:
        """Take one version back."""
        for index, version in enumerate(self.versions):
            if version.identity == identity:
                taken_back = retracted_version(version, time)
                if taken_back is not version:
                    self._remember()
                    self.versions[index] = taken_back
                    self._changed()

    @property
    def is_replaced(self) -> bool:
        """Whether another version is in force than the one that was before the first change, `in_force_before`."""
        return self.is_revised and self.in_force is not self.in_force_before

    def _remember(self) -> None:
        if not self.is_revised:
            self.is_revised = True
            self.in_force_before = self.in_force

    def _changed(self) -> None:
        self.is_changed = True
        self.__dict__.pop("in_force", None)
        self.__dict__.pop("plans", None)


class Line(Document[OrderVersion]):
    """An order line."""

    @property
    def sales_order(self) -> str:
        """The order's number, known from the key even where no order event has come."""
        return self.key.partition("\x1f")[0]

    @cached_property
    def plans(self) -> set[Plan]:
        """Every plan that any version gave it."""
        return {plan_of(version) for version in self.versions}


class Shipment(Document[ShipmentVersion]):
    """A delivery."""


def plan_of(version: OrderVersion) -> Plan:
    """What a change of makes `plan_changed_in_term`."""
    return version.part_number, version.cloud_plan, version.term_years


class Station(Subject):
    """A charging station: its first activation, and every token ever applied to it.

    The later ones decide nothing, and stations report at every boot: they are in the journal alone.
    """

    def __init__(
        self,
        key: str,
        first: Activation | None,
        packed_serials: bytes | None = NO_SERIALS,
        is_stored: bool = False,
    ) -> None:
        super().__init__(key, packed_serials, is_stored)
        self.first = first
        self.is_to_be_restored = False

    def activate(self, activation: Activation) -> bool:
        """Take an activation in; True where it is now the first."""
        if self.first is not None and activation > self.first:
            return False
        self.first = activation
        self.is_changed = True
        return True

    def retract(self, source: str, event_id: str) -> bool:
        """Drop an activation; True where it was the first, which is then to be restored from the journal."""
        if self.first is None or (self.first.source, self.first.id) != (source, event_id):
            return False
        self.first = None
        self.is_to_be_restored = self.is_changed = True
        return True

    def restore(self, activations: Iterable[Activation]) -> None:
        """Begin anew from all activations that the journal holds."""
        self.first = min(activations, default=None)
        self.is_to_be_restored = False
