"""An explanation for people to read."""

import textwrap
from collections.abc import Iterable, Iterator

from lifecycle.explanation.words import Because, Cited
from projections.columns import STANDARD_COLUMNS
from projections.explain.recorded import Recorded
from projections.explain.token import ExplainedToken, cited_facts
from schemas.events import EventRetracted
from schemas.instants import format_instant
from tokens.report_table import cell_text

WIDTH = 120
"""A sentence goes on in the next line; the place of a fact's message has room in one."""


def explanation_text(token: ExplainedToken, zone_title: str) -> str:
    """The explanation as lines; facts are cited by numbers in brackets, and stand at its end."""
    return "\n".join(_Text(token, zone_title).lines()) + "\n"


class _Text:
    def __init__(self, token: ExplainedToken, zone_title: str) -> None:
        self._token = token
        self._explanation = token.explanation
        self._facts = cited_facts(token)
        self._titles = {column.key: column.title_in(zone_title) for column in STANDARD_COLUMNS}

    def lines(self) -> Iterator[str]:
        status = self._explanation.status
        shown = status.status or "in no report"
        since = "" if status.since is None else f" since {format_instant(status.since)}"
        yield f"{cell_text(self._token.serial)} is {shown}{since}, as of {format_instant(self._token.as_of)}."
        yield from _wrapped(self._because(status.because))
        coming = status.next.sentence
        yield from _wrapped(f"Next: it {coming}." if status.next.at is not None else _waiting(coming))
        for heading, part in self._parts():
            lines = list(part)
            if lines:
                yield ""
                yield heading
                for line in lines:
                    yield from _wrapped(line)

    def _parts(self) -> Iterator[tuple[str, Iterable[str]]]:
        yield "The row", self._cells()
        yield (
            "What does not add up",
            (f"{name}: {self._because(because)}" for name, because in self._explanation.anomalies.items()),
        )
        yield (
            "Refused transfers",
            (
                f"{refused.reason}: {refused.sentence} {self._numbers([refused.transfer])}"
                for refused in self._explanation.refused_transfers
            ),
        )
        yield "Corrections", self._corrections()
        yield "Retractions", (self._retraction(*each) for each in self._token.retracted)
        yield (
            "Facts",
            (line for number, fact in enumerate(self._facts, 1) for line in self._fact(number, fact)),
        )

    def _cells(self) -> Iterator[str]:
        """Cells that have the same reason stand together, with the reason below."""
        row, cells = self._explanation.row, self._explanation.cells
        if row is None:
            return
        groups: dict[Because, list[str]] = {}
        for key in self._titles:
            groups.setdefault(cells[key], []).append(key)
        width = max(map(len, self._titles.values()))
        for because, keys in groups.items():
            for key in keys:
                yield f"{self._titles[key]:{width}}  {cell_text(row[key]) or '-'}"
            yield f"    {self._because(because)}"

    def _corrections(self) -> Iterator[str]:
        for each in self._explanation.corrections:
            yield f"{self._numbers([each.replaced_by])} replaced {self._numbers([each.replaced])}; {each.sentence}."
        if self._token.corrections_left_out:
            yield f"and {self._token.corrections_left_out} earlier ones, which the history has"

    def _retraction(self, fact: Cited, retraction: Recorded) -> str:
        event = retraction.event
        assert isinstance(event.data, EventRetracted)
        return (
            f"{self._numbers([fact])} was taken back, {event.data.reason!r}: {event.id} of {event.source}, "
            f"{_recorded(retraction)}."
        )

    def _fact(self, number: int, fact: Cited) -> Iterator[str]:
        recorded = self._token.recorded[fact.source, fact.id]
        yield f"[{number}] {fact.says}"
        yield f"    {fact.id} of {fact.source}, {_recorded(recorded)}"

    def _because(self, because: Because) -> str:
        return f"{because.sentence} {self._numbers(because.facts)}".rstrip()

    def _numbers(self, facts: Iterable[Cited]) -> str:
        return " ".join(f"[{self._facts.index(fact) + 1}]" for fact in facts)


def _wrapped(line: str) -> list[str]:
    """A line, indented, cut where it is too wide, and without what would drive the terminal."""
    text = cell_text(line)
    indent = " " * (2 + len(text) - len(text.lstrip()))
    return textwrap.wrap(
        text.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _recorded(recorded: Recorded) -> str:
    """When an event happened and was recorded (to the second: the JSON has it all), and where it came from."""
    message = recorded.message
    at_second = recorded.recorded_at - recorded.recorded_at % 1_000_000
    return (
        f"time {format_instant(recorded.event.time)}, recorded {format_instant(at_second)} from "
        f"{message.topic}/{message.partition}, offset {message.offset}"
    )


def _waiting(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence.startswith("no ") else f"It {sentence}."
