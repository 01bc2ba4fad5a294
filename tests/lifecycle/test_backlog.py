"""What waits for its batch is taken evenly, in order, and within bounds."""

from dataclasses import dataclass

from lifecycle.backlog import MESSAGE_OVERHEAD_BYTES, Backlog

ORDERS, MOVES, BOOTS = ("orders", 0), ("applications", 0), ("activations", 0)
PLENTY = 1 << 40


@dataclass
class Record:
    """As much of a fetched record as the backlog looks at."""

    offset: int
    value: bytes | None = b"x" * (1000 - MESSAGE_OVERHEAD_BYTES)


def records(first: int, last: int, size: int = 1000) -> list[Record]:
    """Records of these offsets, each of `size` bytes as the backlog counts."""
    return [Record(offset, b"x" * (size - MESSAGE_OVERHEAD_BYTES)) for offset in range(first, last + 1)]


def offsets(taken: dict[tuple[str, int], list[Record]]) -> dict[tuple[str, int], list[int]]:
    return {partition: [record.offset for record in each] for partition, each in taken.items()}


def test_each_partition_gives_its_share_of_what_is_left_to_read() -> None:
    """Not of what waits here: all partitions then come to their ends together."""
    backlog = Backlog()
    backlog.add(ORDERS, records(0, 99))
    backlog.add(MOVES, records(0, 99))
    backlog.add(BOOTS, records(0, 99))
    taken = backlog.take({ORDERS: 100, MOVES: 300, BOOTS: 600}, 100, PLENTY)
    assert {partition: len(each) for partition, each in taken.items()} == {ORDERS: 10, MOVES: 30, BOOTS: 60}


def test_a_partition_is_taken_in_its_order_across_batches_and_fetches() -> None:
    backlog = Backlog()
    seen: list[int] = []
    backlog.add(ORDERS, records(0, 4))
    seen += offsets(backlog.take({ORDERS: 10}, 3, PLENTY))[ORDERS]
    backlog.add(ORDERS, records(5, 9))
    while backlog:
        seen += offsets(backlog.take({ORDERS: 10 - len(seen)}, 3, PLENTY))[ORDERS]
    assert seen == list(range(10))


def test_a_partition_with_little_left_is_not_left_out() -> None:
    backlog = Backlog()
    backlog.add(BOOTS, records(0, 999))
    backlog.add(ORDERS, records(0, 0))
    taken = backlog.take({BOOTS: 1_000_000, ORDERS: 1}, 100, PLENTY)
    assert offsets(taken)[ORDERS] == [0]


def test_a_batch_is_bounded_in_messages() -> None:
    backlog = Backlog()
    partitions = [("orders", number) for number in range(24)]
    for partition in partitions:
        backlog.add(partition, records(0, 99))
    taken = backlog.take(dict.fromkeys(partitions, 100), 1_000, PLENTY)
    assert 1_000 <= sum(map(len, taken.values())) <= 1_000 + len(partitions)


def test_a_batch_is_bounded_in_bytes() -> None:
    backlog = Backlog()
    backlog.add(ORDERS, records(0, 99))
    backlog.add(MOVES, records(0, 99))
    taken = backlog.take({ORDERS: 100, MOVES: 100}, 200, 50_000)
    assert 50 <= sum(map(len, taken.values())) <= 52


def test_a_record_larger_than_a_batch_is_taken_alone() -> None:
    backlog = Backlog()
    backlog.add(ORDERS, records(0, 1, size=900_000))
    assert offsets(backlog.take({ORDERS: 2}, 100, 50_000)) == {ORDERS: [0]}
    assert offsets(backlog.take({ORDERS: 1}, 100, 50_000)) == {ORDERS: [1]}


def test_large_records_of_one_partition_do_not_hold_up_the_others() -> None:
    """The bytes of a batch are shared like its messages."""
    backlog = Backlog()
    backlog.add(ORDERS, records(0, 99, size=10_000))
    backlog.add(MOVES, records(0, 99))
    taken = backlog.take({ORDERS: 100, MOVES: 100}, 200, 100_000)
    assert {partition: len(each) for partition, each in taken.items()} == {ORDERS: 5, MOVES: 50}


def test_partitions_take_turns_when_one_record_fills_a_batch() -> None:
    backlog = Backlog()
    partitions = [("orders", number) for number in range(4)]
    for partition in partitions:
        backlog.add(partition, records(0, 9, size=900_000))
    turns = [set(backlog.take(dict.fromkeys(partitions, 10), 100, 50_000)) for _ in range(4)]
    assert set().union(*turns) == set(partitions)


def test_tombstones_count_as_messages() -> None:
    backlog = Backlog()
    backlog.add(ORDERS, [Record(0, None), Record(1, None)])
    assert offsets(backlog.take({ORDERS: 2}, 100, PLENTY)) == {ORDERS: [0, 1]}


def test_what_is_forgotten_is_gone_and_the_rest_stays() -> None:
    backlog = Backlog()
    backlog.add(ORDERS, records(0, 9))
    backlog.add(MOVES, records(0, 9))
    backlog.forget([ORDERS, BOOTS])
    assert (backlog.waiting(ORDERS), backlog.waiting(MOVES)) == (0, 10)
    assert set(backlog.take({ORDERS: 10, MOVES: 10}, 100, PLENTY)) == {MOVES}
    assert not backlog


def test_it_knows_how_many_bytes_wait() -> None:
    """The consumer stops fetching by it: messages may be 4 MB each, in every partition."""
    backlog = Backlog()
    assert backlog.size_bytes == 0
    backlog.add(ORDERS, records(0, 9))
    backlog.add(MOVES, records(0, 9, size=5_000))
    assert backlog.size_bytes == 60_000
    backlog.take({ORDERS: 10}, 4, PLENTY)
    assert backlog.size_bytes == 56_000
    backlog.forget([MOVES])
    assert backlog.size_bytes == 6_000
    backlog.take({ORDERS: 6}, 10, PLENTY)
    assert backlog.size_bytes == 0
