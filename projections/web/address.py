"""Addresses of pages. The address is the report: whoever has it sees what its sender saw."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Address:
    """A path and its parameters, in order; `str` gives it escaped, `:` and `,` left as they are read best."""

    path: str
    pairs: tuple[Pair, ...] = ()

    def __str__(self) -> str:
        if not self.pairs:
            return self.path
        return f"{self.path}?{urlencode(self.pairs, quote_via=quote, safe=':,')}"

    def at(self, path: str) -> "Address":
        """The same parameters at another path."""
        return Address(path, self.pairs)

    def one(self, name: str) -> str | None:
        """The value of a parameter; the last where it is given twice."""
        return next((value for key, value in reversed(self.pairs) if key == name), None)

    def having(self, **parameters: str | None) -> "Address":
        """With these parameters instead of its own, without those that are None; always the first page."""
        kept = [pair for pair in self.pairs if pair[0] not in parameters and pair[0] != "after"]
        kept.extend((name, value) for name, value in parameters.items() if value is not None)
        return Address(self.path, tuple(kept))

    def with_filters(self, filters: Sequence[str]) -> "Address":
        """With these filters instead of its own, first page."""
        others = [pair for pair in self.having().pairs if pair[0] != "filter"]
        return Address(self.path, (*(("filter", text) for text in filters), *others))

    @property
    def filters(self) -> list[str]:
        """Its filters as they stand."""
        return [value for name, value in self.pairs if name == "filter"]

    def without_filter(self, index: int) -> "Address":
        """Without one of its filters, by its place among them."""
        return self.with_filters([text for place, text in enumerate(self.filters) if place != index])

    def others(self, *names: str) -> list[Pair]:
        """The parameters but for those, and without the place of a later page: what a form carries along."""
        return [pair for pair in self.pairs if pair[0] not in names and pair[0] != "after"]


def token_path(serial: str) -> str:
    """The page of a service token. Everything but letters and digits is escaped, `/` included."""
    return f"/tokens/{quote(serial, safe='')}"
