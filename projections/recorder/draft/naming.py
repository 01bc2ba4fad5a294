"""The owners and the places of rows, which are kept for lists to look up."""

from collections.abc import Iterable

from lifecycle.cells import span_cells
from lifecycle.fold import History

MOST = 1_000_000

Owner = tuple[str, str | None]
"""An id and a name."""
Place = tuple[str, str | None, str | None]
"""A station's serial and name, and the port's id."""


class Seen:
    """What this process has seen stored."""

    def __init__(self) -> None:
        self.named: set[Owner | Place] = set()

    def add(self, naming: "Naming") -> None:
        """Note what was stored for good."""
        if len(self.named) + len(naming.owners) + len(naming.places) > MOST:
            self.named.clear()
        self.named |= naming.owners | naming.places


class Naming:
    """What events and rows name that was not seen stored yet."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self.owners: set[Owner] = set()
        self.places: set[Place] = set()
        self._told: set[Owner | Place] = set()

    def add(self, history: History) -> None:
        """Take in the owners and places of a history."""
        for cells in map(span_cells, history.spans):
            owner = cells.org_id, cells.org_name
            if owner[0] is not None and owner not in self._seen.named:
                self.owners.add((owner[0], owner[1]))
            if cells.station_serial is not None:
                self.add_place((cells.station_serial, cells.station_name, cells.evse_id))

    def add_place(self, place: Place) -> None:
        """Take in a place, if it has any name."""
        if place[1:] != (None, None) and place not in self._seen.named:
            self.places.add(place)

    def columns(self) -> tuple[list[str | None], ...]:
        """Those of the owners, then those of the places, each sorted with what is missing first; each once."""
        owners, places = _sorted(self.owners - self._told), _sorted(self.places - self._told)
        self._told |= self.owners | self.places
        return (
            *([owner[column] for owner in owners] for column in range(2)),
            *([place[column] for place in places] for column in range(3)),
        )


def _sorted(rows: Iterable[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    return sorted(rows, key=lambda row: [(cell is not None, cell or "") for cell in row])
