"""The list of mutations does not rot: `make mutations` itself takes minutes."""

from pathlib import Path

import pytest

from tests.audit.mutations import TREE, Mutation, listed_mutations


@pytest.mark.parametrize("mutation", listed_mutations(), ids=lambda each: f"{each.file}: {each.breaks}")
def test_the_line_stands_once_in_its_file(mutation: Mutation, tmp_path: Path) -> None:
    copy = tmp_path / mutation.file
    copy.parent.mkdir(parents=True)
    before = (TREE / mutation.file).read_text()
    copy.write_text(before)
    mutation.apply(tmp_path)
    after = copy.read_text()
    compile(after, mutation.file, "exec")
    changed = [
        pair for pair in zip(before.splitlines(), after.splitlines(), strict=True) if pair[0] != pair[1]
    ]
    assert [(old.strip(), new.strip()) for old, new in changed] == [(mutation.old, mutation.new)]


def test_every_mutation_is_another_one() -> None:
    mutations = listed_mutations()
    assert len({(each.file, each.old) for each in mutations}) == len(mutations) >= 15
    assert len({each.breaks for each in mutations}) == len(mutations)


def test_a_line_that_is_gone_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.py").write_text("one\ntwo\n")
    with pytest.raises(ValueError, match="has 0 lines that are: three"):
        Mutation("rules.py", "none", "three", "four").apply(tmp_path)
