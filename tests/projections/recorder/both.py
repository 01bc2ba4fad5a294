"""Two drafts of the same batch, the compiled one and the one in Python, held against each other at every answer."""

from collections.abc import Callable
from typing import Any

from lifecycle.calendar import Calendar
from native import compiled
from projections.recorder.draft import Drafts
from projections.recorder.draft.in_python import DraftInPython

# These come in no order.
_SETS: dict[str, Callable[[Any], Any]] = {
    "subject_keys": lambda keys: tuple(map(sorted, keys)),
    "read": lambda keys: tuple(map(sorted, keys)),
    "to_be_restored": sorted,
    "targets": sorted,
    "documents_to_read_back": sorted,
    "documents": lambda answer: (*answer[:4], sorted(answer[4])),
    "subjects": lambda answer: (answer[0], answer[1] and tuple(map(list, answer[1]))),
}


class BothDrafts:
    """Asks both the same, and gives the answer that both gave. Raises AssertionError where they differ."""

    def __init__(self, drafts: Drafts, calendar: Calendar, fold_version: int) -> None:
        self._compiled = compiled.Draft(drafts._rules, fold_version)
        self._in_python = DraftInPython(calendar, drafts._seen, fold_version)

    def __getattr__(self, name: str) -> Any:
        one, other = getattr(self._compiled, name), getattr(self._in_python, name)
        if not callable(one):
            assert one == other, f"{name}: {one} compiled, {other} in Python"
            return one

        def ask(*arguments: Any) -> Any:
            answer, answer_in_python = one(*arguments), other(*arguments)
            in_order = _SETS.get(name, _listed)
            assert in_order(answer) == in_order(answer_in_python), (
                f"{name}: compiled {answer!r}, in Python {answer_in_python!r}"
            )
            return answer

        return ask


def _listed(answer: Any) -> Any:
    return [_listed(each) for each in answer] if isinstance(answer, list | tuple) else answer


def begin_both(drafts: Drafts, fold_version: int) -> Any:
    """Stands in for `Drafts.begin`."""
    return BothDrafts(drafts, drafts._calendar, fold_version)
