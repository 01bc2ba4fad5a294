"""An explanation for people to read."""

from collections.abc import Iterable, Iterator

from lifecycle.explanation.words import Because, Cited
from projections.columns import STANDARD_COLUMNS
from projections.explain.recorded import Recorded
from projections.explain.token import ExplainedToken, cited_facts
from schemas.events import EventRetracted
from schemas.instants import format_instant
from tokens.report_table import cell_text


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
        yield f"  {self._because(status.because)}"
        yield (
            f"  Next: it {status.next.sentence}."
            if status.next.at is not None
            else f"  {_waiting(status.next.sentence)}"
        )
        for heading, part in self._parts():
            lines = list(part)
            if lines:
                yield ""
                yield heading
                yield from (f"  {cell_text(line)}" for line in lines)

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


def _recorded(recorded: Recorded) -> str:
    message = recorded.message
    return (
        f"time {format_instant(recorded.event.time)}, recorded {format_instant(recorded.recorded_at)} from "
        f"{message.topic}, partition {message.partition}, offset {message.offset}"
    )


def _waiting(sentence: str) -> str:
    return f"{sentence[0].upper()}{sentence[1:]}." if sentence.startswith("no ") else f"It {sentence}."
