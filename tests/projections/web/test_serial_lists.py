"""Serials as people paste them."""

import pytest

from projections.web.serial_lists import doubtful, serials_of

KNOWN = {"T1", "T2", "T3", "T,4", "T|5", "(T6)", "T 7, x"}


@pytest.mark.parametrize(
    "text",
    [
        "T1\nT2\nT3",
        "T1, T2; T3,,",
        " T1\tT2 \r\n\r\nT3 ",
        "T1|T2 | T3",
        "'T1', 'T2', 'T3'",
        '["T1","T2","T3"]',
        "where token_serial in ('T1', 'T2', 'T3')",
        "“T1”, «T2», ‘T3’",
        "T1 T2 T1 T3 T2",
    ],
)
def test_separators_and_what_stands_around_serials_are_not_of_them(text: str) -> None:
    found = serials_of(text, KNOWN & doubtful(text))
    assert [each for each in found if each in KNOWN] == ["T1", "T2", "T3"]


@pytest.mark.parametrize("serial", ["T,4", "T|5", "(T6)", "T 7, x"])
def test_a_serial_may_itself_hold_what_stands_between_them(serial: str) -> None:
    text = f"T1\n{serial}\nT2"
    assert serials_of(text, KNOWN & doubtful(text)) == ["T1", serial, "T2"]


def test_beside_others_on_a_line_bars_and_brackets_may_be_of_a_serial() -> None:
    assert serials_of("T1, T|5 (T6);T2", KNOWN) == ["T1", "T|5", "(T6)", "T2"]


def test_what_is_no_serial_stays_as_it_was_typed() -> None:
    assert serials_of("T1(2) 'nope' ''", KNOWN) == ["T1(2)", "'nope'", "''"]


def test_what_can_be_read_in_one_way_is_not_looked_up() -> None:
    assert doubtful("T1\nT2\tT-3/4_5") == set()
    assert doubtful("T1 T2") == {"T1 T2"}
