"""A draft: all that a batch changes, worked out in memory. Whoever holds it asks Postgres and stores the answers.

It is compiled where that is possible (`native`), else in Python; both do the same, to the byte, and say so in tests.
Without a batch, it folds tokens as they are stored.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from lifecycle.calendar import Calendar
from lifecycle.due import NOTICE_DAYS
from lifecycle.recording import Message, Received
from native import compiled
from projections.recorder import announcements
from projections.recorder.draft.in_python import DraftInPython
from projections.recorder.draft.naming import Seen
from projections.recorder.notices import Notice
from schemas.envelope import Event
from schemas.rules import Invalid

Content = bytes | None
"""Rows as binary COPY takes them, None for none."""
Names = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""The keys of lines, shipments and stations."""


class Folded(NamedTuple):
    """What is to be written of some tokens: how many rows, these, and in whose place; earlier spans likewise; notices
    that are due."""

    written: int
    rows: Content
    replaced: Sequence[str]
    spans: Content
    spans_replaced: Sequence[str]
    notices: Sequence[Notice]


class Draft(Protocol):
    """What is asked and given, in this order. Instants are microseconds since 1970."""

    # The journal.

    def take(self, received: Sequence[Received]) -> Sequence[bytes]:
        """Take a batch in; gives the identities that the journal is to be asked for, sorted."""

    def know(self, rows: Sequence[Any]) -> None:
        """Hold the batch against what the journal has: identity, content, segment, position, retracted_at a row. The
        places of its new applications are then among `owners_and_places`."""

    @property
    def events(self) -> int:
        """How many events are new."""

    @property
    def repeats(self) -> int:
        """How many are known with the same content."""

    def invalid(self) -> Sequence[tuple[Message, Invalid]]:
        """Messages that are no events."""

    def contradicting(self) -> Sequence[tuple[Received, Message | None, tuple[int, int] | None]]:
        """Events of a known id with other content: the first one, or its segment and position in the journal."""

    def targets(self) -> Sequence[tuple[bytes, int, int]]:
        """Recorded events that the batch takes back: identity, segment, position. Each goes to `take_back`."""

    def take_back(self, event: Event) -> None:
        """Hand in one of the `targets`."""

    def is_taken_back(self, identity: bytes) -> bool:
        """Whether this batch says so of an event, of its own or recorded before."""

    def segments(self, messages: int) -> Sequence[tuple[int, Sequence[int], bytes]]:
        """The new messages, so many a segment: their number, the marks, and the body to compress."""

    def place(self, segments: Sequence[int], messages: int) -> None:
        """Tell the numbers that the segments were given."""

    def identities(
        self,
    ) -> tuple[
        Content,
        Sequence[tuple[bytes, bytes, int, int, int]],
        Sequence[tuple[bytes, int, bytes | None]],
    ]:
        """The rows of `events`: made; of those that a retraction had named before their event came, (identity, content,
        segment, position, retracted_at); of those recorded earlier and taken back now, (identity, retracted_at,
        content as it is known)."""

    # The subjects.

    def subject_keys(self) -> Names:
        """The subjects that the batch touches, to be locked and loaded with their serials."""

    def load_subjects(self, rows: Sequence[Any]) -> None:
        """Take in stored subjects: kind, key, facts, serials a row. Without serials they are only looked at.

        Those that were asked for and are not stored begin empty.
        """

    def apply(self, tokens: int) -> bool:
        """Bring the events to their subjects; False where they touch more tokens than that."""

    def to_be_restored(self) -> Sequence[str]:
        """Stations whose first activation was taken back."""

    def restore(self, station: str, activations: Sequence[tuple[int, str, str]]) -> None:
        """Begin a station anew from all its activations in force: activated_at, source, id each."""

    def subjects(self) -> tuple[Content, tuple[Sequence[Any], ...] | None]:
        """The rows of `subjects` that are made, and the columns of those that changed."""

    def documents_to_read_back(self) -> Sequence[bytes]:
        """Events that count again and are in the journal alone. Each goes to `read_back`."""

    def read_back(self, event: Event) -> None:
        """Hand in one of `documents_to_read_back`."""

    def documents(self) -> tuple[Sequence[str], Content, Sequence[str], Content, Sequence[str]]:
        """What becomes of the lists: `order_lines` to replace and their rows, `shipment_lines` likewise by shipment,
        and the keys of lines that are to have a row of any kind."""

    # The tokens.

    def touched(self) -> Sequence[str]:
        """The tokens that must be folded again, sorted."""

    def read(self, serials: Sequence[str], rows: Sequence[Any]) -> Names:
        """Take in what is stored of tokens (as `tokens.load` has it) and change their facts; gives the subjects that
        folding looks at and that are not here."""

    def fold(self, tokens: int, now: int) -> tuple[Any, ...] | None:
        """Fold the next so many of the tokens read, as `Folded`; None when all are done."""

    def owners_and_places(self) -> tuple[Sequence[str | None], ...]:
        """Of the batch's applications, and of the tokens folded, what this process has not seen stored and was not told
        yet: org_id, org_name; station_serial, station_name, evse_id."""

    def committed(self) -> None:
        """Note that all of this is stored for good."""

    def notify(self, notices: Sequence[Notice]) -> None:
        """Announce those of the notices folded that were not sent before."""

    def announced(self) -> tuple[int, bytes | None]:
        """How much is to be announced, and packed for the outbox."""


class Drafts:
    """Begins drafts for one calendar and one database, as long as a connection to it lasts."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._seen = Seen()
        if compiled is not None:
            names = [status.value for status in announcements.STATUSES]
            self._rules = compiled.Rules(calendar, announcements.NUMBERS, names, NOTICE_DAYS)

    def begin(self, fold_version: int) -> Draft:
        """An empty draft, of rows that bear this version of the fold."""
        if compiled is not None:
            draft: Draft = compiled.Draft(self._rules, fold_version)
            return draft
        return DraftInPython(self._calendar, self._seen, fold_version)
