"""Why a dead letter is not settled as was asked; each text is the sentence for the one who asked."""

from projections.dead_letters.letter import Letter, State
from schemas.instants import format_instant
from schemas.rules import Invalid


class UnknownLetter(Exception):
    """There is no letter of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no dead letter {number}")


class NotOpen(Exception):
    """The letter is settled already, or being settled at this moment."""

    @classmethod
    def settled(cls, letter: Letter, *, remedy: str = "") -> "NotOpen":
        """It was requeued or discarded before."""
        when = "" if letter.settled_at is None else f" at {format_instant(letter.settled_at)}"
        how = f"to {letter.requeued_to}" if letter.state == State.REQUEUED else f"because: {letter.reason}"
        return cls(f"dead letter {letter.dead_letter} was {letter.state}{when}, {how}{remedy}")

    @classmethod
    def being_settled(cls, number: int) -> "NotOpen":
        """Someone else has it in hand."""
        return cls(f"dead letter {number} is being requeued or discarded by someone else at this moment")


class WrongEdit(Exception):
    """The corrected event is no event; `invalid` says why."""

    def __init__(self, invalid: Invalid) -> None:
        super().__init__(f"the corrected event would be refused again: {invalid.message}")
        self.invalid = invalid
