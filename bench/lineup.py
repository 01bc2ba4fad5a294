"""Who runs: how each contender is started, how far it is, seen from outside, and whether its rows are right."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from bench.contenders import ceilings, fastest_loop, faust_agents, kafka_streams, quix, the_loop
from bench.contenders.ceilings import Ceiling
from bench.contenders.kafka_streams import KafkaStreams
from bench.contenders.ours import Ours
from bench.contenders.program import Program
from bench.contenders.quix import Quix
from bench.servers import Servers
from bench.verdict import Expectations

OURS = Ours.named(1)
THE_LOOP = "the loop"
FASTEST = "the fastest loop"
JOURNAL = "with a journal"


class Contender(Protocol):
    """One that reads all input topics into tables of its own, for one run."""

    name: str
    processes: int

    async def prepare(self) -> None:
        """Make its tables where they are missing, and forget what an earlier run left on the broker."""

    def command(self) -> Sequence[str | Path]:
        """How one of its processes is started."""

    def environment(self) -> dict[str, str]:
        """The variables that go with the command."""

    async def place(self, connection: Any, log: Path) -> int | None:
        """How many messages it has stored for good; None before its first fetch."""

    async def judge(self, connection: Any, expected: Expectations) -> tuple[int, str]:
        """The number and the hash of its rows. Raises Failure where they are not the expected ones."""

    async def rested(self) -> bool:
        """Whether everything that follows from what it stored is done too."""


class Entry(NamedTuple):
    """A contender by its name, and the layout of its tables, which a table filled before must have."""

    name: str
    layout: Callable[[], str]
    enter: Callable[[Servers, str], Contender]
    slow: bool = False
    """Whether it runs in the first round alone."""
    in_steady_state: bool = True


def entries(workers: Sequence[int], only: Sequence[str] = ()) -> list[Entry]:
    """Those of a round; `only` names some, or none for all. Raises KeyError for a name that nobody has."""
    every = [Entry(Ours.named(count), Ours.layout, partial(_ours, count)) for count in workers]
    every += [
        _program(THE_LOOP, the_loop),
        _program(FASTEST, fastest_loop),
        _program(f"{FASTEST}, {JOURNAL}", fastest_loop, "journal"),
        _program("Faust", faust_agents, slow=True, in_steady_state=False),
        _program("Quix Streams", quix, kind=Quix, slow=True, in_steady_state=False),
        _program("Kafka Streams", kafka_streams, kind=KafkaStreams, slow=True, in_steady_state=False),
        _program("ceiling: COPY of the rows", ceilings, "rows", kind=Ceiling, in_steady_state=False),
        _program("ceiling: COPY of a journal", ceilings, "journal", kind=Ceiling, in_steady_state=False),
    ]
    names = {each.name for each in every}
    for name in only:
        if name not in names and name != OURS:
            raise KeyError(f"{name} is no contender: {'; '.join(sorted(names))}")
    return [each for each in every if not only or each.name in only or (OURS in only and is_ours(each.name))]


def layouts() -> set[str]:
    """All layouts of tables that there are today."""
    return {each.layout() for each in entries([1])}


def is_ours(name: str) -> bool:
    """Whether it is the service's, in as many processes as it may be."""
    return name.split(",")[0] == OURS


def _ours(processes: int, servers: Servers, database_url: str) -> Contender:
    return Ours(servers, processes, database_url)


def _program(
    name: str,
    module: Any,
    *options: str,
    kind: Callable[..., Contender] = Program,
    slow: bool = False,
    in_steady_state: bool = True,
) -> Entry:
    def enter(servers: Servers, database_url: str) -> Contender:
        return kind(name, module, servers, database_url, *options)

    def layout() -> str:
        return "_".join((module.__name__.rpartition(".")[2], *options))

    return Entry(name, layout, enter, slow, in_steady_state)
