"""The companies of the rebuild's long run, apart from each other: what happens to one touches no other's tokens.

Serials sort by company, and a rebuild goes in the order of serials: of small companies with numbers by chance,
some are always just before it, some just behind.
"""

import json
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from tests.events import Json
from tests.reference.instants import instant
from tokens.simulate.company import customers
from tokens.simulate.options import Options
from tokens.simulate.stream import simulate

DAYS = 400
UNTIL = instant("2026-11-01T00:00:00Z")
LARGE = 400
SMALL = 40
SMALL_TOKENS = 50
NEWCOMERS_SHARE = 10


class Company:
    """A simulated company: its tokens, who owns them at first, and its events, oldest first, each once."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self.beginning = f"ST{options.company_number}-"
        self.tokens = options.tokens

    def serials(self) -> list[str]:
        """Its tokens, ascending."""
        return [self.serial(number) for number in range(1, self.tokens + 1)]

    def serial(self, number: int) -> str:
        """One of its tokens, counted from 1."""
        return f"{self.beginning}{number:07d}"

    def first_owner(self, number: int) -> str:
        """The organization to which the token was probably sold."""
        firsts, owners = self._owners
        return owners[bisect_right(firsts, number) - 1]

    @cached_property
    def _owners(self) -> tuple[list[int], list[str]]:
        sold = [(each.first_token, each.organizations[0].org_id) for each in customers(self._options)]
        return [first for first, _ in sold], [owner for _, owner in sold]

    def lines(self) -> Iterator[bytes]:
        """Its events as they are published."""
        return simulate(self._options)

    @cached_property
    def history(self) -> list[Json]:
        """Its events, to be held in memory."""
        return [json.loads(line) for line in self.lines()]


class Companies(NamedTuple):
    """Nothing ever happens to the `quiet` once they are recorded; the `newcomers` come while rows are rebuilt."""

    large: list[Company]
    quiet: list[Company]
    busy: list[Company]
    newcomers: Company

    @property
    def old(self) -> list[Company]:
        """All that are there before the rebuild."""
        return [*self.large, *self.quiet, *self.busy]

    def old_lines(self) -> Iterator[bytes]:
        """Their events, company by company: a token's meet in few batches, which fills the tables soon."""
        return chain.from_iterable(each.lines() for each in self.old)


def companies(tokens: int, seed: int) -> Companies:
    """About so many tokens in all that are old."""
    small = min(SMALL_TOKENS, tokens // (10 * SMALL))
    sizes = [*[(tokens - 2 * SMALL * small) // LARGE] * LARGE, *[small] * (2 * SMALL)]
    sizes.append(max(tokens // NEWCOMERS_SHARE, 1_000))
    found: dict[str, Company] = {}
    for size in sizes:
        while True:
            options = Options(seed=seed, tokens=size, days=DAYS, until=UNTIL, shuffled=False)
            seed += 1
            if options.company_number not in found:
                found[options.company_number] = Company(options)
                break
    *old, newcomers = found.values()
    return Companies(old[:LARGE], old[LARGE : LARGE + SMALL], old[LARGE + SMALL :], newcomers)
