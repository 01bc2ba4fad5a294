"""The set of events that every contender reads: simulated once, kept beside the results."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from lifecycle.workspace import serials_of
from schemas.envelope import Event, parse
from schemas.events import OrderPlaced, OrderShipped
from tokens.failure import Failure
from tokens.simulate.options import Options, parse_until
from tokens.simulate.stream import simulate

# Fixed, so that today's figures and last year's are of the same bytes.
UNTIL = "2026-03-02"


@dataclass(frozen=True, slots=True)
class EventSet:
    """`messages` lines of NDJSON at `path`, repeats among them; they tell of `tokens` service tokens.

    `digest` (hex) is of the file's bytes, `until` an instant in microseconds.
    """

    path: Path
    messages: int
    tokens: int
    until: int
    digest: str

    def lines(self) -> Iterator[bytes]:
        """Each message without its newline, in the order of delivery."""
        with self.path.open("rb") as file:
            for line in file:
                yield line.rstrip(b"\n")


def event_set(folder: Path, *, seed: int, tokens: int, days: int) -> EventSet:
    """The set of these options, from `folder` where it was made before. Raises Failure where none can be."""
    name = f"events-seed{seed}-tokens{tokens}-days{days}-until{UNTIL}"
    path, facts = folder / f"{name}.ndjson", folder / f"{name}.json"
    if not facts.exists():
        try:
            options = Options(seed=seed, tokens=tokens, days=days, until=parse_until(UNTIL))
        except ValueError as error:
            raise Failure(str(error)) from error
        folder.mkdir(parents=True, exist_ok=True)
        made = asdict(_make(path, options))
        del made["path"]
        facts.write_text(json.dumps(made) + "\n")  # last: where it lies, the events are whole
    return EventSet(path, **json.loads(facts.read_text()))


def _make(path: Path, options: Options) -> EventSet:
    serials: set[str] = set()
    digest = hashlib.blake2b(digest_size=16)
    messages = 0
    with path.open("wb") as file:
        for line in simulate(options):
            file.write(line + b"\n")
            digest.update(line + b"\n")
            messages += 1
            event = parse(line)
            assert isinstance(event, Event), "the simulation makes no bad messages unless asked for"
            serials.update(_named(event))
    return EventSet(path, messages, len(serials), options.until, digest.hexdigest())


def _named(event: Event) -> Iterator[str]:
    data = event.data
    if isinstance(data, (OrderPlaced, OrderShipped)):
        for line in data.lines:
            yield from line.token_serials
    else:
        yield from serials_of(data)
