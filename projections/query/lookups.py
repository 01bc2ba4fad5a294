"""The SQL of what is looked up of the rows that can pass filters: an array of cells, null where they are too many.

The filters of one look-up are all on columns that it understands.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from projections.listing import Operator
from projections.query.arguments import Arguments
from projections.query.builder import instant_sql
from projections.query.filters import Filter, Match, dated, filters_condition, lower_sql, pattern_sql
from projections.query.report import Report
from schemas.instants import parse_date

_MOST_LINES = 5_000
MOST_OWNERS = 2_000
_MOST_STATIONS = 1_000


@dataclass(frozen=True, slots=True)
class LookUp:
    """What is looked up: of the rows that can pass the filters of a report, at most `most` serials."""

    report: Report
    most: int
    arguments: Arguments = field(default_factory=Arguments)

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


def by_lines(asked: LookUp) -> str:
    """The serials of the order lines that pass, and of their shipments."""
    return f"""
        with found as materialized (
            select order_line, named from order_lines where {asked.condition()} limit {_MOST_LINES + 1}
        ), serials as materialized (
            select unnest(named) from found
            union all
            select unnest(serials) from shipment_lines where order_line = any(array(select order_line from found))
            limit {asked.most + 1}
        )
        {_array("serials", asked.most, f"(select count(*) from found) <= {_MOST_LINES}")}
    """


def by_shipments(asked: LookUp) -> str:
    """The serials of the shipments that pass; a token has its ship date from one of its shipments."""
    return f"""
        with serials as materialized (
            select unnest(serials) from shipment_lines where {asked.condition()} limit {asked.most + 1}
        )
        {_array("serials", asked.most)}
    """


def serials_containing(asked: LookUp) -> str:
    """The serials that pass, by the lines and shipments that name them; a token of no line has no sales order."""
    patterns = {each: pattern_sql(each.values[0], asked.arguments) for each in asked.report.filters}
    passes = asked.each(lambda each: f"{lower_sql('token_serial')} like {patterns[each]}")

    def searched(serials: str) -> str:
        return asked.each(lambda each: f"searched_serials({serials}) like {patterns[each]}")

    return f"""
        with serials as materialized (
            select token_serial from order_lines, unnest(named) as token_serial
            where {searched("named")} and {passes}
            union all
            select token_serial from shipment_lines, unnest(serials) as token_serial
            where {searched("serials")} and {passes}
            union all
            select token_serial from tokens where sales_order is null and {passes}
            limit {asked.most + 1}
        )
        {_array("serials", asked.most)}
    """


def serials_named(asked: LookUp) -> str:
    """The serials that are one of the values."""

    def passes(each: Filter) -> str:
        values = asked.arguments.bind(each.values, "text[]")
        lowered = f"array(select {lower_sql('value')} from unnest({values}) as value)"
        return f"{lower_sql('token_serial')} = any({lowered})"

    return _serials_of_tokens(asked, passes)


def by_expiration(asked: LookUp) -> str:
    """The serials of the tokens that pass by the date that shows once their term has started."""

    def passes(each: Filter) -> str:
        values = dated(each, asked.report.today).values
        days = [day for day in map(_day, values) if day is not None]
        if each.operator in (Operator.IS, Operator.IN):
            return f"expiration_date = any({asked.arguments.bind(days, 'date[]')})"
        sign = "<" if each.operator is Operator.BEFORE else ">"
        return f"expiration_date {sign} {asked.arguments.bind(days[0], 'date')}"

    return _serials_of_tokens(asked, passes)


def owners(asked: LookUp) -> str:
    """The owners that pass."""
    key = asked.report.filters[0].column.key
    return f"""
        with owners as materialized ({owners_sql(key, asked.report.as_of, asked.arguments)}),
        passing as materialized (select {key} from owners where {asked.condition()})
        {_array("passing", MOST_OWNERS, f"(select count(*) from owners) <= {MOST_OWNERS}")}
    """


def owners_sql(key: str, as_of: int, arguments: Arguments) -> str:
    """The owners by `org_id` or `org_name`: of all tokens as they are now, and of the spans that end after an instant.

    Where that is more than are looked at one by one, some of them.
    """
    return f"""
        with recursive owner({key}, number) as (
            (select {key}, 1 from tokens where {key} is not null order by {key} limit 1)
            union all
            select (select {key} from tokens where {key} > owner.{key} order by {key} limit 1), number + 1
            from owner where {key} is not null and number <= {MOST_OWNERS}
        )
        select {key} from owner where {key} is not null
        union
        select {key} from spans where ends_at > {instant_sql(as_of, arguments)} and {key} is not null
    """


def stations(asked: LookUp) -> str:
    """The stations that pass."""
    return f"""
        with passing as materialized (
            select station_serial from station_starts where {asked.condition()} limit {_MOST_STATIONS + 1}
        )
        {_array("passing", _MOST_STATIONS)}
    """


def _serials_of_tokens(asked: LookUp, passes: Callable[[Filter], str]) -> str:
    return f"""
        with serials as materialized (
            select token_serial from tokens where {asked.each(passes)} limit {asked.most + 1}
        )
        {_array("serials", asked.most)}
    """


def _array(name: str, most: int, condition: str = "true") -> str:
    """What is in a table of one column, null where that is more than `most`."""
    return f"select case when {condition} and (select count(*) from {name}) <= {most} then array(table {name}) end"


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
