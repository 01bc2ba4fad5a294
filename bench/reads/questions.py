"""What is asked: of the list of tokens by every column and operator, of counts, of the summary, of the stations."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from projections.columns import STANDARD_COLUMNS
from projections.listing import ColumnType

Pairs = tuple[tuple[str, str], ...]

TOKENS = "/api/tokens"
COUNT_ALONE = ("limit", "1")
"""A count comes with a page: the smallest."""
NOWHERE = "no cell has this"


@dataclass(frozen=True, slots=True)
class Question:
    """One call, under a heading of the table; two of a name are shown in one row, the `second` behind the first."""

    heading: str
    name: str
    path: str
    pairs: Pairs = ()
    second: bool = False

    @property
    def is_page(self) -> bool:
        """Whether rows are asked for, of whatever list, and neither their number nor a summary."""
        return not self.path.endswith("/summary") and ("count", "true") not in self.pairs


@dataclass(frozen=True, slots=True)
class Sample:
    """A row of the report to ask about, the organization with the most tokens, and how many it has."""

    cells: dict[str, Any]
    largest: str
    tokens_of_largest: int


async def sample(connection: Any) -> Sample:
    """A token that has every cell, from the middle of the serials."""
    middle = await connection.fetchval(
        "select token_serial from tokens order by token_serial offset (select count(*) / 2 from tokens) limit 1"
    )
    filled = " and ".join(f"{column.key} is not null" for column in STANDARD_COLUMNS)
    record = await connection.fetchrow(
        f"select * from service_tokens where token_serial > $1 and {filled} order by token_serial limit 1",
        middle,
    )
    largest = await connection.fetchrow(
        "select org_id, count(*) from tokens group by org_id order by count(*) desc, org_id limit 1"
    )
    return Sample(dict(record), *largest)


def questions(asked: Sample) -> Iterator[Question]:
    """All of them, in the order of the table."""
    yield from _lists(asked)
    yield from _operators(asked)
    yield from _contains(asked)
    yield from _sorts()


def _lists(asked: Sample) -> Iterator[Question]:
    year_back = _a_year_back()
    reports: dict[str, Pairs] = {
        "all": (),
        "one organization": (("filter", f"org_id:is:{asked.largest}"),),
        "all, a year back": (("as_of", year_back),),
        "one organization, a year back": (("filter", f"org_id:is:{asked.largest}"), ("as_of", year_back)),
    }
    for name, pairs in reports.items():
        heading = f"The list of {name}"
        yield Question(heading, "first page", TOKENS, pairs)
        yield Question(heading, "next page", TOKENS, (*pairs, ("after", "")))
        yield Question(heading, "count", TOKENS, (*pairs, COUNT_ALONE, ("count", "true")))
        yield Question(heading, "summary", "/api/summary", pairs)
    yield Question("Stations", "first page", "/api/stations")
    yield Question("Stations", "next page", "/api/stations", (("after", ""),))
    yield Question(
        "Stations",
        "one station",
        "/api/stations",
        (("filter", f"station_serial:is:{_text(asked, 'station_serial')}"),),
    )


def _a_year_back() -> str:
    return (datetime.now(UTC) - timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _operators(asked: Sample) -> Iterator[Question]:
    today = date.today()
    soon = (("filter", "expiration_date:after:today-1d"), ("filter", "expiration_date:before:today+31d"))
    filters: dict[str, Pairs] = {
        **{
            f"{key} {operator}": (("filter", f"{key}:{operator}:{_text(asked, key)}"),)
            for key, operator in (
                ("token_serial", "is"),
                ("token_serial", "does_not_contain"),
                ("sales_order", "is"),
                ("sales_order", "is_not"),
                ("station_serial", "is"),
                ("station_name", "is"),
                ("cloud_plan", "is"),
                ("cloud_plan", "is_not"),
                ("org_name", "is"),
                ("status", "is"),
                ("term_years", "is"),
                ("order_date", "is"),
                ("order_date", "before"),
                ("ship_date", "after"),
                ("applied_date", "after"),
            )
        },
        "status is New, which few are": (("filter", "status:is:New"),),
        "the same, a year back": (("filter", "status:is:New"), ("as_of", _a_year_back())),
        "order_date in, three days": (
            (
                "filter",
                f"order_date:in:{','.join(str(today - timedelta(days=age)) for age in (100, 800, 1500))}",
            ),
        ),
        "expiration_date, the next 30 days": soon,
        "the same of one organization": (*soon, ("filter", f"org_id:is:{asked.largest}")),
        "anomalies is_not_empty": (("filter", "anomalies:is_not_empty"),),
        "sales_order is_empty": (("filter", "sales_order:is_empty"),),
        "customer_reference is_empty": (("filter", "customer_reference:is_empty"),),
        "any of ten columns contains": (
            *(("filter", f"{key}:contains:{_piece(asked, 'sales_order')}") for key in _TEN),
            ("match", "any"),
        ),
    }
    yield from _page_and_count("An operator", filters)


def _contains(asked: Sample) -> Iterator[Question]:
    pieces: dict[str, Pairs] = {
        column.key: (("filter", f"{column.key}:contains:{_piece(asked, column.key)}"),)
        for column in STANDARD_COLUMNS
    }
    nothing: dict[str, Pairs] = {
        column.key: (("filter", f"{column.key}:contains:{NOWHERE}"),)
        for column in STANDARD_COLUMNS
        if column.type is ColumnType.TEXT
    }
    yield from _page_and_count("`contains` a piece of a cell", pieces)
    yield from _page_and_count("`contains` what no cell has", nothing)


def _sorts() -> Iterator[Question]:
    for column in STANDARD_COLUMNS:
        yield Question("Sorted by", column.key, TOKENS, (("sort", column.key),))
        yield Question("Sorted by", column.key, TOKENS, (("sort", f"-{column.key}"),), second=True)


def _page_and_count(heading: str, asked: dict[str, Pairs]) -> Iterator[Question]:
    for name, pairs in asked.items():
        yield Question(heading, name, TOKENS, pairs)
        yield Question(heading, name, TOKENS, (*pairs, COUNT_ALONE, ("count", "true")), second=True)


_TEN = (
    *(
        "token_serial",
        "part_number",
        "cloud_plan",
        "description",
        "org_name",
        "purchase_order",
        "sales_order",
    ),
    *("customer_reference", "customer_name", "customer_id"),
)


def _text(asked: Sample, key: str) -> str:
    return str(asked.cells[key])


def _piece(asked: Sample, key: str) -> str:
    """The second half of a cell."""
    text = _text(asked, key)
    return text[len(text) // 2 :]
