"""py-spy's samples of a process, added up by function, line and component of the write path."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

_MOST = 22
_MAIN_THREAD = "MainThread"
_FRAME = re.compile(r"^(?P<function>.*) \((?P<file>[^()]*?)(:(?P<line>\d+))?\)$")
_ROOT = str(Path(__file__).parent.parent) + "/"

# By the file of the innermost frame that is in the list; the first entry that fits.
COMPONENTS: tuple[tuple[str, str], ...] = (
    ("fetch", "site-packages/aiokafka/"),
    ("asyncpg", "site-packages/asyncpg/"),
    ("parse", "schemas/"),
    ("agents", "lifecycle/agents.py"),
    ("batches", "lifecycle/backlog.py"),
    ("batches", "lifecycle/consumer.py"),
    ("batches", "lifecycle/fetcher.py"),
    ("batches", "lifecycle/assignment.py"),
    ("workspace", "lifecycle/workspace.py"),
    ("workspace", "lifecycle/subjects.py"),
    ("facts", "lifecycle/facts.py"),
    ("fold", "lifecycle/"),
    ("rows", "projections/recorder/tokens.py"),
    ("journal", "projections/recorder/journal.py"),
    ("intake", "projections/recorder/intake.py"),
    ("subjects", "projections/recorder/subjects.py"),
    ("announcements", "projections/recorder/announcements.py"),
    ("transaction", "projections/recorder/"),
    ("the loop", "bench/contenders/"),
)
EVENT_LOOP = "event loop"


class Frame(NamedTuple):
    """A function at work. `file` is relative to the project, or to where packages are installed."""

    function: str
    file: str
    line: str

    @property
    def title(self) -> str:
        """The function with its file."""
        return f"{self.function} ({self.file})"

    @property
    def is_own(self) -> bool:
        """Whether it is the project's, and no package's nor Python's own."""
        return not self.file.startswith(("site-packages/", "/", "<"))


class Samples:
    """Stacks of the main thread, the outermost frame first, and how often each was met."""

    def __init__(self, stacks: Iterable[tuple[list[Frame], int]]) -> None:
        self._stacks = list(stacks)
        self.total = sum(count for _, count in self._stacks)

    def by_component(self) -> list[tuple[str, int]]:
        """Each sample once, under what was innermost at work."""
        return self._sum(lambda stack: [component_of(stack)])

    def of_asyncpg_by_caller(self) -> list[tuple[str, int]]:
        """The samples inside asyncpg, by the project's function that called it."""

        def caller(stack: list[Frame]) -> list[str]:
            own = [frame for frame in stack if frame.is_own]
            return [f"{own[-1].title}:{own[-1].line}"] if own and component_of(stack) == "asyncpg" else []

        return self._sum(caller)

    def by_function(self) -> list[tuple[str, int]]:
        """Each sample once, under its innermost function."""
        return self._sum(lambda stack: [stack[-1].title])

    def by_function_cumulative(self) -> list[tuple[str, int]]:
        """Each sample under every function of the project that was under way."""
        return self._sum(lambda stack: {frame.title for frame in stack if frame.is_own})

    def by_line(self) -> list[tuple[str, int]]:
        """Each sample once, under its innermost line."""
        return self._sum(lambda stack: [f"{stack[-1].title}:{stack[-1].line}"])

    def _sum(self, names: Callable[[list[Frame]], Iterable[str]]) -> list[tuple[str, int]]:
        counts: Counter[str] = Counter()
        for stack, count in self._stacks:
            for name in names(stack):
                counts[name] += count
        return counts.most_common(_MOST)


def component_of(stack: list[Frame]) -> str:
    """The component that the innermost frame in `COMPONENTS` belongs to."""
    for frame in reversed(stack):
        for component, part in COMPONENTS:
            if part in frame.file:
                return component
    return EVENT_LOOP


def read_samples(output: Path) -> Samples:
    """The samples in py-spy's raw format: frames joined by `;`, a blank, a count."""
    stacks = []
    for text in output.read_text().splitlines():
        frames, _, count = text.rpartition(" ")
        thread, *stack = frames.split(";")
        if stack and _MAIN_THREAD in thread:
            stacks.append(([_frame(each) for each in stack], int(count)))
    return Samples(stacks)


def _frame(text: str) -> Frame:
    found = _FRAME.match(text)
    if found is None:
        return Frame(text, "", "")
    file = found["file"].removeprefix(_ROOT)
    _, packages, inside = file.partition("site-packages/")
    return Frame(found["function"], packages + inside or file, found["line"] or "")
