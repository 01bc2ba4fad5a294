"""What decides about a history, drawn from Hypothesis: so that a difference shrinks to its minimal history."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

Option = TypeVar("Option")
Draw = Callable[[st.SearchStrategy[int]], int]


@functools.cache
def whole(least: int, most: int) -> st.SearchStrategy[int]:
    """Whole numbers, both ends included."""
    return st.integers(least, most)


class Drawn:
    """Stands in for `random.Random`. What it gives shrinks to the first option, and to what is not there."""

    def __init__(self, draw: Any) -> None:
        self._draw: Draw = draw

    def random(self) -> float:
        """One of a hundred numbers from 0 to 0.99, the largest being the simplest: `random() < 0.3` is rare."""
        return (99 - self._draw(whole(0, 99))) / 100

    def randint(self, a: int, b: int, /) -> int:
        return a if a == b else self._draw(whole(a, b))

    def choice(self, options: Sequence[Option], /) -> Option:
        return options[self.randint(0, len(options) - 1)]

    def choices(self, options: Sequence[Option], /, weights: Sequence[float]) -> list[Option]:
        """One option."""
        mark = self._draw(whole(0, 99)) / 100 * sum(weights)
        for option, weight in zip(options, weights, strict=True):
            mark -= weight
            if mark < 0:
                return [option]
        return [options[-1]]

    def sample(self, options: Sequence[Option], k: int, /) -> list[Option]:
        rest = list(options)
        return [rest.pop(self.randint(0, len(rest) - 1)) for _ in range(k)]
