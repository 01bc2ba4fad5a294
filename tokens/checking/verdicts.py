"""What the service would make of each line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from schemas.envelope import Event, parse
from schemas.rules import Invalid
from tokens.checking.seen import Seen
from tokens.publishing.lines import Line


class Kind(StrEnum):
    """A good line is recorded, a repeat changes nothing, a bad one becomes a dead letter."""

    GOOD = "good"
    REPEAT = "repeat"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line's. `invalid` says why it is bad; `first_line` is the one that had its source and id before."""

    line: int
    kind: Kind
    event: Event | None
    invalid: Invalid | None
    first_line: int | None

    @property
    def sentence(self) -> str | None:
        """What there is to say of it; None of a good line."""
        if self.invalid is not None:
            return self.invalid.message
        if self.first_line is not None:
            return f"repeats line {self.first_line}, and changes nothing"
        return None

    def as_json(self) -> dict[str, object]:
        """An object of plain values; what does not apply is left out."""
        shown: dict[str, object] = {"line": self.line, "verdict": self.kind.value}
        if self.invalid is not None:
            shown |= {
                "rule": self.invalid.rule,
                "pointer": self.invalid.pointer,
                "message": self.invalid.message,
            }
        if self.first_line is not None:
            shown["first_line"] = self.first_line
        known = self.event or self.invalid
        if known is not None:
            shown |= {"source": known.source, "id": known.id}
        if self.event is not None:
            shown["type"] = self.event.type
        return shown


def verdicts(lines: Iterable[Line]) -> Iterator[Verdict]:
    """The verdict of each line, in order; of lines with one source and id, the first counts."""
    with Seen() as seen:
        for line in lines:
            parsed = parse(line.value)
            if isinstance(parsed, Invalid):
                yield Verdict(line.number, Kind.BAD, None, parsed, None)
                continue
            first = seen.first(parsed.identity, line.number, parsed.content)
            if first is None:
                yield Verdict(line.number, Kind.GOOD, parsed, None, None)
            elif first.content == parsed.content:
                yield Verdict(line.number, Kind.REPEAT, parsed, None, first.line)
            else:
                yield Verdict(line.number, Kind.BAD, parsed, _other_content(parsed, first.line), first.line)


def _other_content(event: Event, first_line: int) -> Invalid:
    return Invalid(
        "other_content",
        "/id",
        f"other_content at /id: line {first_line} has the same source {event.source!r} and id {event.id!r} but other "
        "content; whichever is recorded first stands. Send a correction under an id of its own",
        event.source,
        event.id,
    )
