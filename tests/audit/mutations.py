"""The list of mutations: single lines that break a rule."""

import tomllib
from pathlib import Path
from typing import NamedTuple

TREE = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutations.toml")


class Mutation(NamedTuple):
    """A line of a file, exchanged for one that breaks a rule; both without their indentation."""

    file: str
    breaks: str
    old: str
    new: str

    def apply(self, tree: Path) -> None:
        """Exchange the line in a copy of the tree. Raises `ValueError` unless it stands there once."""
        path = tree / self.file
        lines = path.read_text().splitlines(keepends=True)
        places = [index for index, line in enumerate(lines) if line.strip() == self.old]
        if len(places) != 1:
            raise ValueError(f"{self.file} has {len(places)} lines that are: {self.old}")
        lines[places[0]] = lines[places[0]].replace(self.old, self.new)
        path.write_text("".join(lines))


def listed_mutations() -> list[Mutation]:
    """All of them, in the order of the list."""
    return [Mutation(**each) for each in tomllib.loads(LIST.read_text())["mutation"]]
