"""An explanation as the API gives it."""

from urllib.parse import quote

from lifecycle.explanation.words import Because, Cited
from projections.columns import COLUMNS
from projections.explain.token import ExplainedToken, cited_facts
from schemas.events import EventRetracted
from schemas.instants import format_instant


def history_path(serial: str) -> str:
    """Where the API has the token's history. Everything but letters and digits is escaped, `/` included."""
    return f"/api/tokens/{quote(serial, safe='')}/history"


def explanation_as_json(token: ExplainedToken) -> dict[str, object]:
    """The object; `facts` are cited by their numbers."""
    explanation, status = token.explanation, token.explanation.status
    row, cells = explanation.row, explanation.cells
    cited = cited_facts(token)
    numbers = {fact: number for number, fact in enumerate(cited, 1)}

    def because(given: Because) -> dict[str, object]:
        return {"sentence": given.sentence, "facts": [numbers[fact] for fact in given.facts]}

    return {
        "token_serial": token.serial,
        "as_of": format_instant(token.as_of),
        "row": None if row is None else {column.key: row[column.key] for column in COLUMNS},
        "status": {
            "status": status.status,
            "since": None if status.since is None else format_instant(status.since),
            **because(status.because),
            "next": {
                "status": status.next.status,
                "at": None if status.next.at is None else format_instant(status.next.at),
                "sentence": status.next.sentence,
            },
        },
        "cells": {column.key: because(cells[column.key]) for column in COLUMNS if column.key in cells},
        "anomalies": {name: because(given) for name, given in explanation.anomalies.items()},
        "refused_transfers": [
            {"reason": refused.reason, "sentence": refused.sentence, "fact": numbers[refused.transfer]}
            for refused in explanation.refused_transfers
        ],
        "corrections": [
            {
                "replaced": numbers[correction.replaced],
                "replaced_by": numbers[correction.replaced_by],
                "sentence": correction.sentence,
            }
            for correction in explanation.corrections
        ],
        "corrections_left_out": token.corrections_left_out,
        "retractions": [
            {
                "fact": numbers[fact],
                "retracted_by": {**retraction.as_json(), "reason": reason_of(retraction.event.data)},
            }
            for fact, retraction in token.retracted
        ],
        "facts": [{"number": numbers[fact], "says": fact.says, **_origin(token, fact)} for fact in cited],
        "history": history_path(token.serial),
    }


def reason_of(data: object) -> str:
    """Why a retraction took an event back."""
    assert isinstance(data, EventRetracted)
    return data.reason


def _origin(token: ExplainedToken, fact: Cited) -> dict[str, object]:
    return token.recorded[fact.source, fact.id].as_json()
