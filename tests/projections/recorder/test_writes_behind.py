"""What is written behind: in order, to its end, and called off whole where the work before it fails."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from projections.recorder.writes_behind import WritesBehind


class Desk:
    """Notes what begins and ends; a write takes some turns of the loop."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def write(self, name: str, fails: bool = False) -> Callable[[], Awaitable[None]]:
        async def work() -> None:
            self.noted.append(f"{name} begins")
            await some_turns(3)
            if fails:
                raise ValueError(name)
            self.noted.append(f"{name} ends")

        return work


async def test_writes_follow_each_other_and_are_waited_for() -> None:
    desk = Desk()
    async with WritesBehind() as writes:
        writes.put(desk.write("one"))
        writes.put(desk.write("two"))
    assert desk.noted == ["one begins", "one ends", "two begins", "two ends"]


async def some_turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.parametrize("turns", range(8))
async def test_nothing_goes_on_after_the_work_before_it_failed(turns: int) -> None:
    desk = Desk()

    async def work() -> None:
        async with WritesBehind() as writes:
            for name in ("one", "two", "three"):
                writes.put(desk.write(name))
            await some_turns(turns)
            raise KeyError

    with pytest.raises(KeyError):
        await work()
    noted = list(desk.noted)
    await some_turns(20)
    assert desk.noted == noted, "a write was still under way when the transaction was rolled back"


async def test_a_write_that_fails_is_raised_and_those_behind_it_do_not_begin() -> None:
    desk = Desk()

    async def work() -> None:
        async with WritesBehind() as writes:
            writes.put(desk.write("one", fails=True))
            writes.put(desk.write("two"))

    with pytest.raises(ValueError, match="one"):
        await work()
    assert desk.noted == ["one begins"]


async def test_the_next_write_is_told_of_one_that_failed() -> None:
    desk = Desk()
    writes = WritesBehind()
    writes.put(desk.write("one", fails=True))
    await some_turns(10)
    with pytest.raises(ValueError, match="one"):
        writes.put(desk.write("two"))
