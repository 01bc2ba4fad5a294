"""Chance that falls the same way everywhere: for one seed, on every machine and version of Python.

Only `random.Random.random` promises its sequence across versions of Python, so every draw is made from it,
with arithmetic that IEEE 754 fixes to the last bit (no logarithms, whose last digit depends on the machine).
"""

import random
from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

Item = TypeVar("Item")


def number_from(*seed: str | int) -> int:
    """128 bits that depend on the texts and numbers given, and on nothing else."""
    text = "\0".join(map(str, seed))
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest())


class Dice:
    """A sequence of draws of its own, so that what one customer does never shifts another's."""

    __slots__ = ("random",)

    def __init__(self, *seed: str | int) -> None:
        self.random = random.Random(number_from(*seed)).random

    def chance(self, probability: float) -> bool:
        """True as often as `probability` (0 to 1) says."""
        return self.random() < probability

    def whole(self, lowest: int, highest: int) -> int:
        """A whole number from `lowest` to `highest`, both included, each as likely."""
        return lowest + int(self.random() * (highest - lowest + 1))

    def early(self, lowest: int, highest: int) -> int:
        """A whole number in the same range, mostly near `lowest`: the mean lies a quarter of the way up."""
        draw = self.random()
        return lowest + int(draw * draw * draw * (highest - lowest + 1))

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely. The sequence must not be empty."""
        return items[int(self.random() * len(items))]

    def weighted(self, choices: Sequence[tuple[float, Item]]) -> Item:
        """One of the items as often as its weight says; the weights add up to 1."""
        draw = self.random()
        for weight, item in choices:
            draw -= weight
            if draw < 0:
                return item
        return choices[-1][1]

    def some(self, items: Sequence[Item], probability: float) -> list[Item]:
        """Those of the items that a throw each picks, in their order."""
        return [item for item in items if self.random() < probability]
