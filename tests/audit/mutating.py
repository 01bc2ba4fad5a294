"""Breaks one rule after the other in a copy of the tree, and counts the histories until the audit notices.

The work tree itself is never changed. Exit code 1 where a mutation is not found.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.audit.__main__ import postgres, say
from tests.audit.mutations import TREE, Mutation, listed_mutations

HISTORIES = 2_000
HISTORIES_A_ROUND = 100
AT_ONCE = 2
SECONDS = 1_800
_ROOMS = ("native", "schemas", "lifecycle", "projections", "tokens", "tests")
# Nothing that is compiled: that is the twin of what is broken here, not it.
_LEFT = shutil.ignore_patterns("__pycache__", "*.so", "target")
_FOUND = re.compile(r"^a difference in history ([\d,]+) .*?: (.*)$", re.MULTILINE)


class Outcome(NamedTuple):
    """After how many histories the audit noticed, and by what; or why it did not."""

    mutation: Mutation
    histories: int | None
    words: str


def tried(mutation: Mutation, seed: int, histories: int, postgres_url: str) -> Outcome:
    """Run the audit on a copy with the mutation, until it notices or has played all histories."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        tree = Path(folder)
        for room in _ROOMS:
            shutil.copytree(TREE / room, tree / room, ignore=_LEFT)
        mutation.apply(tree)
        given = {
            "--seed": seed,
            "--histories": histories,
            "--histories-a-round": HISTORIES_A_ROUND,
            "--processes": 1,
            "--postgres": postgres_url,
        }
        options = [str(each) for pair in given.items() for each in pair]
        try:
            run = subprocess.run(
                # Without bytecode: what another mutation left must not be taken for this one's.
                [sys.executable, "-B", "-m", "tests.audit", "--no-shrinking", *options],
                cwd=tree,
                env={**os.environ, "PYTHONPATH": str(tree)},
                capture_output=True,
                text=True,
                timeout=SECONDS,
            )
        except subprocess.TimeoutExpired:
            return Outcome(mutation, None, f"not done within {SECONDS} s")
    found = _FOUND.search(run.stdout)
    if run.returncode == 1 and found is not None:
        return Outcome(mutation, int(found[1].replace(",", "")), found[2])
    return Outcome(mutation, None, (run.stdout + run.stderr).strip().rpartition("\n")[2])


def main() -> int:
    """Try the mutations, and print a line for each."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit.mutating", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="where chance begins (1)")
    parser.add_argument(
        "--histories", type=int, default=HISTORIES, help=f"how many each may take ({HISTORIES:,})"
    )
    parser.add_argument("--only", default="", help="those of which file or rule contains this text")
    options = parser.parse_args()
    mutations = [each for each in listed_mutations() if options.only in f"{each.file} {each.breaks}"]
    missed = 0
    say(f"seed {options.seed}\n{'found after':>11}  mutation")
    with postgres() as url, ThreadPoolExecutor(AT_ONCE) as pool:
        for outcome in pool.map(lambda each: tried(each, options.seed, options.histories, url), mutations):
            missed += outcome.histories is None
            number = "NOT FOUND" if outcome.histories is None else f"{outcome.histories:,}"
            say(f"{number:>11}  {outcome.mutation.file}, rule {outcome.mutation.breaks}")
            if outcome.histories is None:
                say(f"{'':11}  {outcome.words}")
    say(f"{len(mutations) - missed} of {len(mutations)} mutations found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
