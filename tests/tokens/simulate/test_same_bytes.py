"""The same options give the same bytes; other options give another company."""

import subprocess
import sys
from dataclasses import replace
from hashlib import blake2b

from tests.tokens.simulate.conftest import UNTIL, Company
from tokens.simulate.options import BadMessages, Options
from tokens.simulate.stream import simulate

OPTIONS = Options(seed=7, tokens=1_500, days=800, until=UNTIL)
COMMAND = [sys.executable, "-m", "tokens", "simulate"]
ARGUMENTS = ["--seed", "7", "--tokens", "1500", "--days", "800", "--until", "2026-03-02", "--bad", "1%"]
# Of seed 7 with these options. When the simulated company is changed on purpose, this changes with it.
FINGERPRINT = "a9aa62a9c8843f52"


def _bytes_of_a_process(hash_seed: str) -> bytes:
    environment = {"PYTHONHASHSEED": hash_seed, "PATH": ""}
    return subprocess.run(COMMAND + ARGUMENTS, env=environment, capture_output=True, check=True).stdout


def test_two_processes_with_other_hash_seeds_write_the_same_bytes() -> None:
    first = _bytes_of_a_process("1")
    assert first == _bytes_of_a_process("2")
    assert first == b"".join(
        line + b"\n" for line in simulate(replace(OPTIONS, bad=BadMessages(1, percent=True)))
    )


def test_the_bytes_stay_the_same_between_versions_of_python() -> None:
    digest = blake2b(b"\n".join(simulate(OPTIONS)), digest_size=8)
    assert digest.hexdigest() == FINGERPRINT


def test_another_seed_is_another_company_without_an_identifier_in_common() -> None:
    def identities(options: Options) -> set[bytes]:
        return {line.partition(b'"type"')[0] for line in simulate(options)}

    small = replace(OPTIONS, tokens=300)
    for other in (replace(small, seed=8), replace(small, until=UNTIL - 1), replace(small, days=799)):
        assert identities(small).isdisjoint(identities(other))


def test_bad_messages_leave_the_good_ones_as_they_are() -> None:
    small = replace(OPTIONS, tokens=300)
    good = set(simulate(small))
    mixed = list(simulate(replace(small, bad=BadMessages(30))))
    assert [line for line in mixed if line in good] == list(simulate(small))
    assert len(mixed) == len(list(simulate(small))) + 30


def test_each_event_has_an_id_of_its_own(company: Company) -> None:
    assert len({(event["source"], event["id"]) for event in company.events}) == len(company.events)
