"""What the group has assigned to this worker: its partitions, where reading goes on in each, and what waits of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import ConsumerRebalanceListener

from lifecycle.backlog import Backlog
from lifecycle.recording import Advance
from lifecycle.standing import Standing


class Assignment(ConsumerRebalanceListener):  # type: ignore[misc]
    """`places` has the offset behind what is recorded of each partition; `unplaced` are those that Postgres is to be
    asked of. A place is read by the loop, not here: aiokafka would swallow a listener's errors.

    Partitions are aiokafka's `TopicPartition`, which is a plain (topic, partition) tuple to a dict.
    """

    def __init__(self, standing: Standing) -> None:
        self.places: dict[Any, int] = {}
        self.unplaced: set[Any] = set()
        self.backlog = Backlog()
        self._standing = standing

    def on_partitions_revoked(self, revoked: Iterable[Any]) -> None:
        """Forget partitions that another worker reads from here on."""
        revoked = set(revoked)
        self.backlog.forget(revoked)
        self.unplaced -= revoked
        for partition in revoked:
            self.places.pop(partition, None)
        self._standing.loses_partitions()

    def on_partitions_assigned(self, assigned: Iterable[Any]) -> None:
        """Note partitions whose place is to be read."""
        self.unplaced |= set(assigned)
        if not self.unplaced:  # there are more workers than partitions; this one is to spare
            self._standing.has_partitions()

    def is_placed(self, partition: Any) -> bool:
        """Whether it is read: it is neither another worker's nor to be sought first."""
        return partition in self.places and partition not in self.unplaced

    def place(self, places: Mapping[Any, int]) -> None:
        """Go on there, with nothing fetched."""
        self.backlog.forget(places)
        self.places.update(places)
        self.unplaced -= places.keys()
        if self.places and not self.unplaced:  # else they are being dealt out again
            self._standing.has_partitions()

    def unplace(self) -> None:
        """Have all places read anew: something fetched is lost, or another worker has recorded it."""
        self.unplaced |= self.places.keys()

    def advance(self, advances: Iterable[Advance]) -> None:
        """What was recorded lies behind, unless its partition was taken away meanwhile."""
        for each in advances:
            if (each.topic, each.partition) in self.places:
                self.places[each.topic, each.partition] = each.next
