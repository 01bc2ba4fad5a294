"""Parts of a page that take longer than the rest: asked for by the page, of the instant that it shows."""

from collections.abc import Sequence

from projections.query.parameters import parse_as_of
from projections.web.address import Address, Pair
from schemas.instants import format_instant

_NOW = "now"


def later_address(path: str, address: Address, instant: int) -> Address:
    """Where a part of the page at the address is, of an instant (microseconds)."""
    return Address(path, (*address.having().pairs, (_NOW, format_instant(instant))))


def pinned(pairs: Sequence[Pair], now: int) -> tuple[list[Pair], int]:
    """The parameters of the page that asks for a part, and its instant; else the one given."""
    for name, value in pairs:
        if name == _NOW:
            try:
                now = parse_as_of(value)
            except ValueError:
                continue
    return [pair for pair in pairs if pair[0] != _NOW], now
