"""Whether a run counts."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from bench.expected import ExpectedRows, Lines, Sample, report_rows
from bench.last_writes import LAST_WRITE_COLUMNS, last_writes
from tokens.failure import Failure

_LAST_WRITE_CELLS = ", ".join(f"{column}::text" for column in LAST_WRITE_COLUMNS)


class Expectations:
    """What the tables must say after `messages` events, about `tokens` tokens; worked out when first asked for.

    `as_of`, in microseconds, is the instant of the report that ours is judged by; `kept` the file of that report.
    """

    def __init__(
        self, lines: Lines, messages: int, tokens: int, as_of: int, sample: Sample, kept: Path
    ) -> None:
        self._lines = lines
        self.messages = messages
        self.tokens = tokens
        self.as_of = as_of
        self._sample = sample
        self._kept = kept

    @cached_property
    def report(self) -> ExpectedRows:
        """By the rules. The reference is slow: what it said is kept, of the same events it says the same."""
        if not self._kept.exists():
            rows = report_rows(self._lines, self.as_of, self._sample)
            self._kept.write_bytes(orjson.dumps({"columns": rows.columns, "cells": rows.cells}))
        read = orjson.loads(self._kept.read_bytes())
        return ExpectedRows(tuple(read["columns"]), read["cells"], self._sample)

    @cached_property
    def last_write(self) -> ExpectedRows:
        """By last write wins, where that is one thing."""
        return last_writes(self._lines(), self._sample)


async def last_writes_judged(
    connection: Any, name: str, expected: Expectations, relation: str = "tokens"
) -> tuple[int, str]:
    """The number and the hash of the rows. Raises Failure where they are not the expected ones."""
    count = await rows_counted(connection, name, expected.tokens, relation)
    wanted = expected.last_write
    rows = await rows_of(connection, f"select token_serial, {_LAST_WRITE_CELLS} from {relation}", wanted)
    return count, rows_judged(name, rows, wanted)


async def rows_of(connection: Any, query: str, wanted: ExpectedRows, *arguments: object) -> list[Any]:
    """What a query over the table gives: all of it, or the sample that is judged."""
    if wanted.sample.one_of > 1:
        query = f"{query} where token_serial = any(${len(arguments) + 1})"
        arguments = (*arguments, list(wanted.cells))
    return list(await connection.fetch(query, *arguments))


async def rows_counted(connection: Any, name: str, wanted: int, relation: str = "tokens") -> int:
    """How many there are. Raises Failure where it is another number."""
    count = int(await connection.fetchval(f"select count(*) from {relation}"))
    if count != wanted:
        raise Failure(f"{name} stored {count:,} rows, expected {wanted:,}; the run does not count")
    return count


def rows_judged(name: str, rows: Sequence[Any], wanted: ExpectedRows) -> str:
    """Their hash. Raises Failure where it is not the expected one."""
    found = wanted.hash_of(rows)
    if found != wanted.hash:
        raise Failure(
            f"{name}: the rows' hash is {found}, expected {wanted.hash}: {wanted.first_difference(rows)}; "
            "the run does not count"
        )
    return found
