"""Whose turn it is: retractions have batches of their own, and few of them.

A retraction writes under the id of the event that it takes back. Where two workers record the two at one moment, one
waits for the other's commit, and starts over: let that be a batch of some retractions, not of 20,000 messages.
"""

from collections.abc import Mapping
from typing import Any

BATCHES_BETWEEN = 8


class Turns:
    """Deals out turns among partitions; `topic` is that of retractions, with its prefix."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self._passed_over = 0

    def next(self, waiting: Mapping[Any, int]) -> list[Any]:
        """Of partitions, each with how many of its records wait here: those that the next batch is of."""
        retractions = [each for each in waiting if each.topic == self._topic]
        others = [each for each in waiting if each.topic != self._topic]
        if not any(waiting[each] for each in retractions):
            return others
        if self._passed_over < BATCHES_BETWEEN and any(waiting[each] for each in others):
            self._passed_over += 1
            return others
        self._passed_over = 0
        return retractions
