"""The SQL of what is looked up of the rows that can pass filters: an array of cells, null where they are too many.

The filters of one look-up are all on columns that it understands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from projections.listing import ColumnType, Operator
from projections.query.arguments import Arguments
from projections.query.filters import Filter, Match, filters_condition, lower_sql, pattern_sql
from projections.query.lower_case import serials_in_lower_case
from projections.query.report import Report

_IN_ORDER = 3
"""So many times as many are looked up by an index where only the first of them are told."""
_NAMED_TWICE = 2
"""By a line and by its shipment."""
_MOST_LINES = 2_000
"""Postgres plans for so many: where they are soon found, it does not look through an index for all of them first."""
_FEW_LINES = 100
"""Of so few lines, the serials are counted, not what was ordered: a line may name few yet of very many."""
BOUNDS = (Operator.BEFORE, Operator.AFTER)
MOST_OWNERS = 2_000
_MOST_STATIONS = 1_000
_SHORTEST_SEARCH = 3
"""Shorter texts have no trigram."""
_SEARCHED_LINE = """searched_line(part_number, cloud_plan, description, token_type, purchase_order, sales_order,
    customer_reference, customer_name, customer_id)"""


class First(NamedTuple):
    """Of serials, the first so many `behind` one, in order."""

    behind: str
    size: int


@dataclass(frozen=True, slots=True)
class LookUp:
    """What is looked up: of the rows that can pass the filters of a report, the serials, or the first of them, where
    these are at most `most`. A serial may be there several times.
    """

    report: Report
    most: int
    first: First | None = None
    arguments: Arguments = field(default_factory=Arguments)

    @property
    def most_by_index(self) -> int:
        """As many as an index of tokens gives in the time in which `most` are gathered from lines."""
        return self.most if self.first is None else _IN_ORDER * self.most

    @property
    def is_of_bounds(self) -> bool:
        """Whether what passes lies before or after a value."""
        return all(each.operator in BOUNDS for each in self.report.filters)

    def condition(self) -> str:
        """The filters', on any row that has their columns."""
        report = self.report
        condition = filters_condition(report.filters, report.match, report.today, self.arguments)
        assert condition is not None
        return condition

    def each(self, condition: Callable[[Filter], str]) -> str:
        """The same, made of another condition for each filter."""
        joined = " and " if self.report.match is Match.ALL else " or "
        return f"({joined.join(map(condition, self.report.filters))})"


def can_be_searched(each: Filter) -> bool:
    """Whether trigrams lead to the cells that pass."""
    return (
        each.operator is Operator.CONTAINS
        and each.column.type is ColumnType.TEXT
        and len(each.values[0]) >= _SHORTEST_SEARCH
    )


def by_lines(asked: LookUp) -> str:
    """The serials of the order lines that pass, and of their shipments."""
    passes = asked.condition()
    pieces = {each.values[0] for each in asked.report.filters if can_be_searched(each)}
    if pieces and (asked.report.match is Match.ALL or all(map(can_be_searched, asked.report.filters))):
        joined = " and " if asked.report.match is Match.ALL else " or "
        patterns = (pattern_sql(each, asked.arguments) for each in sorted(pieces))
        passes += f" and ({joined.join(f'{_SEARCHED_LINE} like {each}' for each in patterns)})"
    return f"""
        with lines as materialized (
            select order_line, named, quantity from order_lines where {passes} limit {_MOST_LINES + 1}
        ), few as materialized (
            select {are_few_sql("lines", "coalesce(quantity, cardinality(named))", asked.most)} as are_few
        ), serials as materialized (
            select unnest(named) as token_serial from lines where (select are_few from few)
            union all
            select unnest(serials) from shipment_lines
            where order_line = any(array(select order_line from lines where (select are_few from few)))
            limit {_NAMED_TWICE * asked.most + 1}
        )
        {told_sql(asked, "serials", _NAMED_TWICE * asked.most, "(select are_few from few)")}
    """


def are_few_sql(lines: str, tokens: str, most: int) -> str:
    """Whether there are at most `_MOST_LINES` lines, of at most so many tokens: no more lines are read than it takes to
    tell.
    """
    return f"""not exists (
        select from (
            select row_number() over until as lines, sum({tokens}) over until as tokens
            from {lines} window until as (rows unbounded preceding)) as counted
        where lines > {_MOST_LINES} or (lines > {_FEW_LINES} and tokens > {most}))"""


def by_shipments(asked: LookUp) -> str:
    """The serials of the shipments that pass; a token has its ship date from one of its shipments."""
    shipped = f"select unnest(serials) as token_serial from shipment_lines where {asked.condition()}"
    return serials_sql(asked, asked.most, shipped)


def serials_containing(asked: LookUp) -> str:
    """The serials that pass, by the lines and shipments that name them; a token of no line has no sales order."""
    arguments = asked.arguments
    passes = asked.each(
        lambda each: f"{lower_sql('token_serial')} like {pattern_sql(each.values[0], arguments)}"
    )
    searched = asked.each(
        lambda each: f"serials_backwards like {pattern_sql(each.values[0][::-1], arguments)}"
    )
    return serials_sql(
        asked,
        _NAMED_TWICE * asked.most,
        f"select token_serial from order_lines, unnest(named) as token_serial where {searched} and {passes}",
        f"select token_serial from shipment_lines, unnest(serials) as token_serial where {searched} and {passes}",
        f"select token_serial from tokens where sales_order is null and {passes}",
    )


def serials_named(asked: LookUp) -> str:
    """The serials that are one of the values."""
    passes = asked.each(lambda each: serials_in_lower_case(asked.arguments.bind(each.values, "text[]")))
    return serials_sql(asked, asked.most_by_index, f"select token_serial from tokens where {passes}")


def owners(asked: LookUp) -> str:
    """The owners that pass, under any of their names."""
    return _passing("distinct org_id", "owners", asked.condition(), MOST_OWNERS)


def stations(asked: LookUp) -> str:
    """The stations that pass."""
    return _passing("station_serial", "station_starts", asked.condition(), _MOST_STATIONS)


def stations_named(asked: LookUp) -> str:
    """The stations of the places that pass by the whole name of the station, or of its port."""
    return _passing("distinct station_serial", "known_places", asked.condition(), _MOST_STATIONS)


def stations_called(asked: LookUp) -> str:
    """The same by a part of the name."""

    def searched(each: Filter) -> str:
        return f"searched_places(station_names, evse_ids) like {pattern_sql(each.values[0], asked.arguments)}"

    places = """places, unnest(station_serials, station_names, evse_ids)
        as place (station_serial, station_name, evse_id)"""
    condition = f"{asked.each(searched)} and {asked.condition()}"
    return _passing("distinct station_serial", places, condition, _MOST_STATIONS)


def _passing(cells: str, table: str, condition: str, most: int) -> str:
    """The cells of the rows that pass, null where they are more than `most`."""
    return f"""
        with passing as materialized (select {cells} from {table} where {condition} limit {most + 1})
        {_array("passing", most)}
    """


def serials_sql(asked: LookUp, most: int, *branches: str, are_few: str = "true") -> str:
    """The serials of all branches, or the first of them, null where there are more than `most`.

    Null too where a condition is not true, which branches may read: `(select are_few from few)`.
    """
    return f"""
        with few (are_few) as materialized (select {are_few}),
            serials (token_serial) as materialized ({" union all ".join(branches)} limit {most + 1})
        {told_sql(asked, "serials", most, "(select are_few from few)")}
    """


def told_sql(asked: LookUp, serials: str, most: int, condition: str = "true") -> str:
    """What is in a table of serials, or the first of it; null where there are more than `most`."""
    if asked.first is None:
        return _array(serials, most, condition)
    behind = asked.arguments.bind(asked.first.behind, "text")
    first = f"""select token_serial from {serials} where token_serial > {behind}
        order by token_serial collate "pg_c_utf8" limit {asked.first.size}"""
    return _array(serials, most, condition, first)


def _array(name: str, most: int, condition: str = "true", cells: str | None = None) -> str:
    """What is in a table of one column, or these cells of it, null where it has more than `most` rows."""
    is_known = f"{condition} and (select count(*) from {name}) <= {most}"
    return f"select case when {is_known} then array({cells or f'table {name}'}) end"
