"""The smallest history, or nearly, that still shows a difference: what a person wants to read."""

from collections.abc import Callable, Sequence

from tests.reference.facts import Json


def minimised(history: Sequence[Json], differs: Callable[[list[Json]], bool]) -> list[Json]:
    """Events dropped one by one, as long as what is left still differs."""
    left = list(history)
    dropped = True
    while dropped:
        dropped = False
        for index in range(len(left) - 1, -1, -1):
            without = left[:index] + left[index + 1 :]
            if differs(without):
                left = without
                dropped = True
    return left
