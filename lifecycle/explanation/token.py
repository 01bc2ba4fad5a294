"""The whole explanation of a token at an instant."""

from typing import NamedTuple

from lifecycle.cells import row_at
from lifecycle.explanation.anomalies import anomalies_because, refusal_sentence
from lifecycle.explanation.cells import cells_because
from lifecycle.explanation.coming import Next, next_change
from lifecycle.explanation.corrections import Correction, corrections_of
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.status import status_because
from lifecycle.explanation.words import Because, Cited, cite_own
from lifecycle.stages import STAGES, stage_at


class Status(NamedTuple):
    """The status (None: in no report) since an instant (microseconds; None: before all that is known), and why."""

    status: str | None
    since: int | None
    because: Because
    next: Next


class Refused(NamedTuple):
    """A transfer without effect: `not_owner` or `same_org`, and that in a sentence."""

    transfer: Cited
    reason: str
    sentence: str


class Explanation(NamedTuple):
    """Why a token's row is what it is. Cells are those of the 22 columns; all are empty where there is no row."""

    row: dict[str, object] | None
    status: Status
    cells: dict[str, Because]
    anomalies: dict[str, Because]
    refused_transfers: tuple[Refused, ...]
    corrections: list[Correction]


def explain(evidence: Evidence, at: int) -> Explanation:
    """The explanation at an instant (microseconds) of a token that some fact in force puts in the report."""
    history = evidence.history
    stage = stage_at(history.stages, at)
    reached = None if stage is None else STAGES[stage].status
    return Explanation(
        row=row_at(evidence.serial, history, at),
        status=Status(
            None if reached is None else reached.value,
            None if stage is None else history.stages[stage],
            status_because(evidence, at),
            next_change(evidence, at),
        ),
        cells=cells_because(evidence, at),
        anomalies=anomalies_because(evidence),
        refused_transfers=tuple(
            Refused(cite_own(refusal.transfer), refusal.reason, refusal_sentence(evidence, refusal))
            for refusal in history.refusals
        ),
        corrections=corrections_of(evidence),
    )
