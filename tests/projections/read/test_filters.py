"""What each operator lets pass, on a report of a few tokens."""

from datetime import date

import asyncpg
import pytest

from projections.columns import COLUMNS
from projections.listing import ColumnType
from projections.query.filters import split_list
from projections.query.refusal import BadQuery
from tests.projections.read.conftest import NOW, Ask, serials
from tests.projections.read.stored import store, token


@pytest.fixture(autouse=True)
async def tokens(writer: asyncpg.Connection) -> None:
    await store(
        writer,
        token("A", NOW, part_number="CPCLD-Commercial", term_years=3, order_date=date(2026, 3, 2)),
        token("B", NOW, part_number="100%_off\\", term_years=12, order_date=date(2025, 3, 2)),
        token("C", NOW, part_number='it\'s, "so"', anomalies=["order_missing", "transfer_refused"]),
        token("D", NOW),
    )


@pytest.mark.parametrize(
    ("filter_", "expected"),
    [
        ("part_number:contains:cpcld", "A"),
        ("part_number:contains:COMM", "A"),
        ("part_number:contains:", "ABC"),
        ("part_number:contains:%", "B"),
        ("part_number:contains:_", "B"),
        ("part_number:contains:\\", "B"),
        ("part_number:contains:'", "C"),
        ('part_number:contains:"', "C"),
        ("part_number:does_not_contain:cpcld", "BCD"),
        ("part_number:is:cpcld-commercial", "A"),
        ("part_number:is:cpcld", ""),
        ("part_number:is:", ""),
        ("part_number:is_not:cpcld-commercial", "BCD"),
        ("part_number:is_not:", "ABCD"),
        ("part_number:is_empty", "D"),
        ("part_number:is_empty:", "D"),
        ("part_number:is_not_empty", "ABC"),
        ("part_number:in:CPCLD-commercial,100%_OFF\\\\", "AB"),
        ('part_number:in:it\'s\\, "so"', "C"),
        ("part_number:in:it's", ""),
        ("term_years:contains:1", "B"),
        ("term_years:contains:2", "B"),
        ("term_years:does_not_contain:1", "ACD"),
        ("term_years:is:3", "A"),
        ("term_years:is:03", ""),
        ("term_years:is_not:3", "BCD"),
        ("term_years:in:3,12", "AB"),
        ("term_years:before:12", "A"),
        ("term_years:before:12.5", "AB"),
        ("term_years:after:3", "B"),
        ("term_years:after:2.999", "AB"),
        ("term_years:after:-1", "AB"),
        ("term_years:after:99999999999999999999999999", ""),
        ("term_years:before:99999999999999999999999999", "AB"),
        ("term_years:is_empty", "CD"),
        ("order_date:contains:2026", "A"),
        ("order_date:contains:-03-", "AB"),
        ("order_date:is:2026-03-02", "A"),
        ("order_date:is:2026-3-2", ""),
        ("order_date:is_not:2026-03-02", "BCD"),
        ("order_date:before:2026-03-02", "B"),
        ("order_date:before:2026-03-03", "AB"),
        ("order_date:after:2025-03-02", "A"),
        ("order_date:after:0001-01-01", "AB"),
        ("order_date:in:2026-03-02,2025-03-02", "AB"),
        # `NOW` is midnight of 1 June in UTC, which is still 31 May, 90 days after A's order, in Los Angeles.
        ("order_date:is:today-90d", "A"),
        ("order_date:is_not:today-90d", "BCD"),
        ("order_date:in:today,today-90d,2025-03-02", "AB"),
        ("order_date:before:today-90d", "B"),
        ("order_date:after:today-91d", "A"),
        ("order_date:before:today+99999d", "AB"),
        ("order_date:after:today-99999d", "AB"),
        ("order_date:contains:today", ""),
        ("status:is:new", "ABCD"),
        ("status:is_not:New", ""),
        ("status:in:ACTIVE,NEW", "ABCD"),
        ("status:contains:ew", "ABCD"),
        ("status:is_empty", ""),
        ("anomalies:is_empty", "ABD"),
        ("anomalies:contains:missing,transfer", "C"),
        ("anomalies:contains:order_missing", "C"),
        ("anomalies:is:order_missing", ""),
        ("anomalies:is:order_missing,transfer_refused", "C"),
        ("anomalies:in:order_missing\\,transfer_refused", "C"),
        ("anomalies:does_not_contain:order", "ABD"),
        ("token_serial:is:a", "A"),
    ],
)
async def test_a_filter_lets_pass(ask: Ask, filter_: str, expected: str) -> None:
    assert serials(await ask([filter_], columns="token_serial")) == list(expected)


async def test_no_filter_shows_every_row(ask: Ask) -> None:
    assert serials(await ask()) == list("ABCD")


async def test_all_filters_must_pass_by_default(ask: Ask) -> None:
    filters = ["term_years:is_not_empty", "part_number:contains:off"]
    assert serials(await ask(filters)) == ["B"]
    assert serials(await ask(filters, match="all")) == ["B"]


async def test_any_filter_passes_with_match_any(ask: Ask) -> None:
    assert serials(await ask(["part_number:is_empty", "term_years:is:3"], match="any")) == ["A", "D"]


async def test_lower_case_is_by_character_and_of_all_scripts(ask: Ask, writer: asyncpg.Connection) -> None:
    await store(writer, token("E", NOW, description="ΑΣΊΣ İÄ"))
    assert serials(await ask(["description:is:ασίσ iä"])) == ["E"]
    assert serials(await ask(["description:is:ασίς iä"])) == []


@pytest.mark.parametrize(
    ("filter_", "names"),
    [
        ("", "token_serial"),
        ("nope:is:x", "anomalies"),
        ("Status:is:New", "status"),
        ("part_number", "contains"),
        ("part_number:like:x", "does_not_contain"),
        ("part_number:before:x", "is_not"),
        ("anomalies:after:x", "is_not_empty"),
        ("term_years:greater:x", "after"),
        ("status:is:Activ", "Expired"),
        ("status:is:", "Expired"),
        ("status:is_not:nope", "Expired"),
        ("status:in:New,nope", "Expired"),
        ("part_number:is_empty:x", "is_empty"),
        ("part_number:is_not_empty::", "is_empty"),
        ("part_number:is", "contains"),
    ],
)
async def test_a_wrong_filter_is_refused_and_names_what_exists(ask: Ask, filter_: str, names: str) -> None:
    with pytest.raises(BadQuery) as refused:
        await ask([filter_])
    [refusal] = refused.value.refusals
    assert refusal.parameter == "filter"
    assert refusal.value == filter_
    assert names in refusal.allowed


@pytest.mark.parametrize(
    "filter_",
    [
        "order_date:before:",
        "order_date:before:2026-02-30",
        "order_date:after:20260301",
        "order_date:after:2026-03-02T00:00:00Z",
        "order_date:after:0000-01-01",
        "order_date:after:10000-01-01",
        "order_date:after:٢٠٢٦-٠٣-٠٢",
        "term_years:before:",
        "term_years:before:three",
        "term_years:before:1e3",
        "term_years:before:NaN",
        "term_years:before:infinity",
        "term_years:before:1_000",
        "term_years:before: 3",
        "term_years:before:٣",
    ],
)
async def test_before_and_after_want_a_date_or_a_number(ask: Ask, filter_: str) -> None:
    with pytest.raises(BadQuery, match=r"is no (date|number)"):
        await ask([filter_])


@pytest.mark.parametrize(
    ("filter_", "told"),
    [
        ("org_id:is_empty:x", "'is_empty' takes no value; write org_id:is_empty"),
        ("org_id:is", "'is' needs a value; write org_id:is:<value>"),
    ],
)
async def test_what_an_operator_takes_is_said_in_its_own_name(ask: Ask, filter_: str, told: str) -> None:
    with pytest.raises(BadQuery) as raised:
        await ask([filter_])
    assert str(raised.value) == told


async def test_a_number_of_any_length_is_compared(ask: Ask) -> None:
    assert serials(await ask(["term_years:before:" + "9" * 60_000])) == ["A", "B"]


async def test_characters_that_no_cell_can_hold_are_refused(ask: Ask) -> None:
    for value in ("a\0b", "a\ud800b"):
        with pytest.raises(BadQuery, match="no cell can hold"):
            await ask([f"part_number:contains:{value}"])


async def test_a_hundred_filters_and_no_more(ask: Ask) -> None:
    await ask(["part_number:is_not_empty"] * 100)
    with pytest.raises(BadQuery, match="more than 100 times"):
        await ask(["part_number:is_not_empty"] * 101)


async def test_every_operator_that_a_column_has_works_on_it(ask: Ask) -> None:
    values = {ColumnType.DATE: "2026-01-01", ColumnType.NUMBER: "1", ColumnType.STATUS: "New"}
    for column in COLUMNS:
        for operator in column.type.operators:
            value = f":{values.get(column.type, 'x')}" if operator.takes_value else ""
            await ask([f"{column.key}:{operator}{value}"])


def test_only_commas_and_backslashes_are_escaped_in_a_list() -> None:
    assert split_list("") == ("",)
    assert split_list("a,b,,c") == ("a", "b", "", "c")
    assert split_list(r"a\,b,c") == ("a,b", "c")
    assert split_list(r"a\\,b") == ("a\\", "b")
    assert split_list(r"a\\\,b") == (r"a\,b",)
    assert split_list(r"\n,a\ ") == (r"\n", "a\\ ")
    assert split_list("a\\") == ("a\\",)


@pytest.mark.parametrize("as_of", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
async def test_a_relative_date_at_the_ends_of_the_calendar_is_no_error(ask: Ask, as_of: str) -> None:
    assert serials(await ask(["order_date:after:today-99999d"], as_of=as_of)) == []


@pytest.mark.parametrize("shipped", [None, date(2026, 3, 2)])
@pytest.mark.parametrize(
    "piece", ["Ä1%_2\\É3", "ä1%", "1%_", "_2\\", "2\\é", "\\É3", "3, x", ", x", "1%_2\\é3, X", "SS-ß", "s-ß"]
)
async def test_a_piece_of_a_serial_is_found_as_it_is_typed_and_not_backwards(
    ask: Ask, writer: asyncpg.Connection, piece: str, shipped: date | None
) -> None:
    """By its lines and shipments, in which the serials stand backwards."""
    found = "Ä1%_2\\É3, xSS-ß"
    for number in range(4):
        await store(writer, token(f"{found}{number}", NOW, sales_order="SO-1", ship_date=shipped))
    await store(writer, token(found[::-1], NOW, sales_order="SO-1", ship_date=shipped))
    page = await ask([f"token_serial:contains:{piece}"])
    assert serials(page) == [f"{found}{number}" for number in range(4)]
