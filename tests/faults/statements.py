"""What a worker asks of Postgres and Kafka in a whole life, and whether that is all that its code can ask."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import projections
from tests.faults.killing import Servers, scene
from tests.faults.moments import Reached, Step, notes_of

PROJECTIONS = Path(projections.__file__).parent
SENDERS = {
    *("execute", "executemany", "fetch", "fetchrow", "fetchval"),
    *("copy_records_to_table", "cursor", "transaction"),
}
ASKED_OF_KAFKA = {
    *(Step("announce", "send to token-status"), Step("announce", "send to token-notices")),
    *(Step("announce", "flush"), Step("read", "commit to Kafka")),
}
OF_REBUILD = {"take_all", "mend"}
"""Functions of the recorder that a worker never calls."""


async def steps_of_a_whole_life(servers: Servers) -> list[Reached]:
    """The steps of a worker that nobody kills. Fails where the events leave out a statement that the code has."""
    async with scene(servers) as company:
        worker = company.start()
        assert not await company.play(worker)
        assert await company.judge() == 0, "who is not killed says everything once"
        reached = notes_of(worker.notes)
    left_out = set(statements_in_the_code()) - set(statements_among(reached))
    assert not left_out, (
        f"no event of tests/faults/eventful.py reaches {sorted(left_out)}: give it one that does"
    )
    unwatched = ASKED_OF_KAFKA - {each.step for each in reached}
    assert not unwatched, f"what a worker asks of Kafka is not watched any more: {sorted(unwatched)}"
    return reached


def statements_in_the_code() -> Iterator[str]:
    """Where the recorder and the outbox ask something of Postgres, as `file:line`."""
    for path in (PROJECTIONS / "outbox.py", *(PROJECTIONS / "recorder").glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.AsyncFunctionDef) and function.name not in OF_REBUILD:
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and is_sender(call.func):
                        yield f"{path.relative_to(PROJECTIONS)}:{call.lineno}"


def is_sender(called: ast.expr) -> bool:
    """Whether this is `connection.execute`, `self._connection.fetch` ..."""
    return (
        isinstance(called, ast.Attribute)
        and called.attr in SENDERS
        and ast.unparse(called.value).endswith("connection")
    )


def statements_among(reached: Sequence[Reached]) -> Iterator[str]:
    for _, _, path, line in reached:
        yield f"{path}:{line}"
