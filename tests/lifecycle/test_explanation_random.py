"""Explanations of random histories: the facts that a cell is said to come from are those that it rests on.

`RANDOM_HISTORIES` says how many (150; here as many), `RANDOM_SEED` which is the first (1).
"""

import json
import os
from collections.abc import Iterable, Iterator
from datetime import date

import pytest

from lifecycle.cells import PlanCells, plan_cells, row_at
from lifecycle.explanation.cells import cells_because
from lifecycle.explanation.coming import next_change
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.token import explain
from lifecycle.explanation.words import Cited
from lifecycle.stages import status_at
from projections.columns import STANDARD_COLUMNS
from tests.events import EVENT_RETRACTED, Json, retracted, unapplied
from tests.lifecycle.explaining import evidence_of
from tests.reference.histories import random_history
from tests.reference.instants import written

FIRST_SEED = int(os.environ.get("RANDOM_SEED", "1"))
SEEDS = range(FIRST_SEED, FIRST_SEED + int(os.environ.get("RANDOM_HISTORIES", "150")))
SEEDS_AT_ONCE = 10


def boundaries(evidence: Evidence) -> list[int]:
    """Every instant at which the row changes."""
    history = evidence.history
    instants = {moment for moment in history.stages if moment is not None}
    return sorted(instants | {span.starts_at for span in history.spans})


def rows(seed: int) -> Iterator[tuple[list[Json], Evidence, int]]:
    """The history, and each token in it at each instant at which its row changes."""
    history = random_history(seed)
    for evidence in evidence_of(history).values():
        for at in boundaries(evidence):
            if status_at(evidence.history.stages, at) is not None:
                yield history, evidence, at


def names(facts: Iterable[Cited]) -> set[tuple[str, str]]:
    return {(fact.source, fact.id) for fact in facts}


def lines_of(history: list[Json]) -> str:
    return "\n".join(json.dumps(event, ensure_ascii=False) for event in history)


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
def test_a_cell_is_the_same_from_its_facts_alone(first: int) -> None:
    """Nothing that it rests on is left out: folding those events and no other gives the same cell."""
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop)):
        for history, evidence, at in rows(seed):
            row = row_at(evidence.serial, evidence.history, at)
            assert row is not None
            cells = cells_because(evidence, at)
            assert set(cells) == {column.key for column in STANDARD_COLUMNS}
            alone: dict[frozenset[tuple[str, str]], Evidence | None] = {}
            for key, because in cells.items():
                if row[key] is None:
                    continue
                kept = frozenset(names(because.facts))
                if kept not in alone:
                    alone[kept] = evidence_of_those(history, kept, evidence)
                others = alone[kept]
                assert others is not None, f"seed {seed}: {key} from {because}\n{lines_of(history)}"
                found = cell(others, key, at)
                assert found == row[key], (
                    f"seed {seed}, {evidence.serial} at {written(at)}: {key} is {row[key]!r}, but {found!r} "
                    f"from {because}\n{lines_of(history)}"
                )


def evidence_of_those(
    history: list[Json], kept: frozenset[tuple[str, str]], evidence: Evidence
) -> Evidence | None:
    """What some events alone say. Where they leave the token out (a cancelled line), one of no effect keeps it in."""
    events = [event for event in history if (event["source"], event["id"]) in kept]
    for more in ([], [unapplied(evidence.serial, at="2099-01-01T00:00:00Z")]):
        others = evidence_of(events + more).get(evidence.serial)
        if others is not None and others.history.is_reported:
            return others
    return None


def cell(evidence: Evidence, key: str, at: int) -> object:
    """A cell; those that are the same at every instant also before the first of the events."""
    if key == "token_serial":
        return evidence.serial
    if key in PlanCells._fields:
        value = getattr(plan_cells(evidence.history), key)
        return value.isoformat() if isinstance(value, date) else value
    if key in ("org_id", "org_name"):
        owner = evidence.owner_at(at)
        return owner and getattr(owner, key)
    row = row_at(evidence.serial, evidence.history, at)
    return row and row[key]


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
def test_a_cell_changes_or_comes_from_elsewhere_when_its_fact_is_retracted(first: int) -> None:
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop), 5):
        for history, evidence, at in rows(seed):
            row = row_at(evidence.serial, evidence.history, at)
            assert row is not None
            cells = cells_because(evidence, at)
            for target in sorted(set().union(*(names(because.facts) for because in cells.values()))):
                [event] = [each for each in history if (each["source"], each["id"]) == target]
                assert event["type"] != EVENT_RETRACTED
                other = evidence_of([*history, retracted(event)]).get(evidence.serial)
                after = None if other is None else row_at(evidence.serial, other.history, at)
                if other is None or after is None:
                    continue
                because_after = cells_because(other, at)
                for key, because in cells.items():
                    if target in names(because.facts):
                        assert target not in names(because_after[key].facts), (
                            f"seed {seed}: {key} of {target}"
                        )
                    elif row[key] is not None:
                        assert after[key] == row[key] or because_after[key] != because, f"seed {seed}: {key}"


@pytest.mark.parametrize("first", SEEDS[::SEEDS_AT_ONCE])
def test_what_comes_next_comes(first: int) -> None:
    """The next status that is told is the next one shown, and where none is told there is none."""
    for seed in range(first, min(first + SEEDS_AT_ONCE, SEEDS.stop)):
        for evidence in evidence_of(random_history(seed)).values():
            if not evidence.history.is_reported:
                continue
            stages, moments = evidence.history.stages, boundaries(evidence)
            for at in (moments[0] - 1, *moments):
                explanation = explain(evidence, at)
                status = status_at(stages, at)
                later = [moment for moment in moments if moment > at and status_at(stages, moment) != status]
                coming = next_change(evidence, at)
                assert coming.at == (later[0] if later else None), f"seed {seed}"
                assert explanation.status.status == (None if status is None else status.value)
                if later:
                    assert coming.status == status_at(stages, later[0])
                assert set(explanation.anomalies) == set(evidence.history.anomalies)
                assert all(because.facts for because in explanation.anomalies.values()), f"seed {seed}"
