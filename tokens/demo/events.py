"""The demo's events: simulated once, then kept, so that every demo on the folder has the same ones."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from schemas.instants import parse_date
from tokens.failure import Failure
from tokens.simulate.options import Options, parse_until
from tokens.simulate.stream import simulate

TOKENS = 10_000
DAYS = 800
SEED = 1
_WRITTEN_AT_ONCE = 1000


def demo_events(data: Path, on_event: Callable[[int], None]) -> Path:
    """The file of the demo's events in the folder `data`, made where missing; `on_event` hears their number.

    A later version of the simulation might tell another story under the same event ids, which would be dead
    letters; so what was made first stays. Raises Failure where it cannot be written.
    """
    file = data / "demo.ndjson"
    if file.exists():
        return file
    options = Options(seed=SEED, tokens=TOKENS, days=DAYS, until=parse_until(kept_until(data)))
    unfinished = file.with_suffix(".unfinished")
    try:
        with unfinished.open("wb") as output:
            for number, line in enumerate(simulate(options), 1):
                output.write(line + b"\n")
                if number % _WRITTEN_AT_ONCE == 0:
                    on_event(number)
        unfinished.replace(file)
    except OSError as error:
        raise Failure(f"{unfinished} cannot be written: {error.strerror}") from error
    return file


def kept_until(data: Path) -> str:
    """The date at which the demo's history ends: the day of the first demo on the folder."""
    file = data / "demo.json"
    try:
        until = str(json.loads(file.read_text())["until"])
        parse_date(until)
    except FileNotFoundError:
        until = datetime.now(UTC).date().isoformat()
        file.write_text(json.dumps({"until": until, "tokens": TOKENS, "days": DAYS, "seed": SEED}) + "\n")
    except (ValueError, KeyError, TypeError):
        raise Failure(
            f"{file} does not hold the demo's `until` any more: delete it, or name another TOKENS_DATA"
        ) from None
    return until
