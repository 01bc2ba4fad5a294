"""The deep audit. See `python -m tests.audit --help`."""

import argparse
import asyncio
import multiprocessing
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from tests.audit.judging import Round
from tests.audit.playing import Played, open_player, play
from tests.fast_postgres import FAST
from tokens.embedded.postgres import EmbeddedPostgres

HISTORIES = 20_000
HISTORIES_A_ROUND = 250
PROCESSES = 2
PROGRESS_SECONDS = 10.0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description=__doc__)
    add = parser.add_argument
    add("--histories", type=int, default=HISTORIES, help=f"how many to play at least ({HISTORIES:,})")
    add("--seed", type=int, help="where chance begins; a new one each time, where left out")
    add("--round", type=int, help="play this round of the seed alone")
    add(
        "--histories-a-round",
        type=int,
        default=HISTORIES_A_ROUND,
        help=f"how many, about ({HISTORIES_A_ROUND})",
    )
    add("--processes", type=int, default=PROCESSES, help=f"how many play at once ({PROCESSES})")
    add("--no-shrinking", action="store_true", help="stop at a difference, without its minimal history")
    add("--postgres", help="the URL of a server to be thrown away afterwards; one is started, where left out")
    return parser.parse_args(arguments)


@contextmanager
def postgres() -> Iterator[str]:
    """A server for this run; its URL."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres", tuning=FAST)
        asyncio.run(server.start())
        try:
            yield server.url()
        finally:
            asyncio.run(server.stop())


def rounds_played(options: argparse.Namespace, postgres_url: str) -> Iterator[Played]:
    """Rounds as they are done, until there are histories enough. One process plays them in order."""
    numbers = count() if options.round is None else iter([options.round])
    enough = options.histories if options.round is None else 1
    done = 0
    pool = ProcessPoolExecutor(
        options.processes, multiprocessing.get_context("spawn"), open_player, (postgres_url,)
    )
    with pool:
        playing: set[Future[Played]] = set()
        while done < enough:
            while len(playing) < options.processes and (number := next(numbers, None)) is not None:
                round_ = Round(options.seed, number, options.histories_a_round)
                playing.add(pool.submit(play, round_, not options.no_shrinking))
            finished, playing = wait(playing, return_when=FIRST_COMPLETED)
            for each in finished:
                done += each.result().histories
                yield each.result()


class Tally:
    """What was played so far, said from time to time."""

    def __init__(self) -> None:
        self._counted: Counter[str] = Counter()
        self._began = self._said = time.monotonic()

    def add(self, played: Played) -> None:
        for kind in ("histories", "events", "messages", "tokens", "questions"):
            self._counted[kind] += getattr(played, kind)
        if time.monotonic() - self._said >= PROGRESS_SECONDS:
            self.say()

    def say(self) -> None:
        self._said = time.monotonic()
        counted = ", ".join(f"{number:,} {kind}" for kind, number in self._counted.items())
        say(f"{self._said - self._began:7.1f} s  {counted}")

    @property
    def histories(self) -> int:
        return self._counted["histories"]


def audit(options: argparse.Namespace, postgres_url: str) -> int:
    """Play; the exit code."""
    tally = Tally()
    for played in rounds_played(options, postgres_url):
        if played.problem is not None:
            say(
                f"a difference{_place(tally, played)} (round {played.round.number} of seed {options.seed}): "
                f"{played.problem}"
            )
            again = f"--seed {options.seed} --round {played.round.number}"
            if options.histories_a_round != HISTORIES_A_ROUND:
                again += f" --histories-a-round {options.histories_a_round}"
            say(f"Again: make audit ARGS='{again}'")
            return 1
        tally.add(played)
    tally.say()
    say("no difference")
    return 0


def _place(tally: Tally, played: Played) -> str:
    if played.first_wrong is None:
        return ""
    return f" in history {tally.histories + played.first_wrong + 1:,}"


def main() -> int:
    """Read the options and play, on a server of its own where none is given."""
    options = read_options()
    if options.seed is None:
        options.seed = secrets.randbelow(1_000_000)
    say(f"seed {options.seed}")
    if options.postgres:
        return audit(options, options.postgres)
    with postgres() as url:
        return audit(options, url)


if __name__ == "__main__":
    sys.exit(main())
