"""The SQL of what is looked up by the dates of tokens: those that indexes have, and the last days of their terms."""

from datetime import date

from projections.listing import Operator
from projections.query.arguments import Arguments
from projections.query.builder import instant_sql
from projections.query.filters import Filter, dated, days_of
from projections.query.lookups import LookUp, serials_sql, told_sql
from projections.query.report import Report
from schemas.instants import parse_date

ZONES_APART_DAYS = 2
"""How far the day of a row can be from the report's, since rows may be of another zone until they are folded anew."""


def by_activation(asked: LookUp) -> str:
    """The serials of the tokens that pass by the date that shows once their term has started."""
    passes = asked.each(lambda each: _day_condition(asked, each, "activation_date"))
    started = f"select token_serial from tokens where activation_date is not null and {passes}"
    return _by_index_sql(asked, started)


def by_application(asked: LookUp) -> str:
    """The same by the date of the application, in the last span or in one that ends after the report's instant."""
    passes = (
        f"applied_date is not null and {asked.each(lambda each: _day_condition(asked, each, 'applied_date'))}"
    )
    later = f"select * from spans where ends_at > {instant_sql(asked.report.as_of, asked.arguments)} offset 0"
    return serials_sql(
        asked,
        asked.most_by_index,
        f"select token_serial from tokens where {passes}",
        f"select token_serial from ({later}) as later where {passes}",
    )


def by_expiration(asked: LookUp) -> str:
    """The same by the term's last day, which follows from the first and the number of years."""

    def passes(each: Filter) -> str:
        # Where the start's year has a 29 February, a day later can lead to the same end.
        match each.operator:
            case Operator.AFTER:
                return f"activation_date >= {began_sql(_bound(asked, each))}"
            case Operator.BEFORE:
                return f"activation_date <= {began_sql(_bound(asked, each))} + 1"
        days = asked.arguments.bind(_days(asked, each), "date[]")
        began = (
            f"select {began_sql('day')} + slack from unnest({days}) as day, generate_series(0, 1) as slack"
        )
        return f"(activation_date = any(array({began})) and {_day_condition(asked, each, ENDED)})"

    return _by_index_sql(asked, ending_sql(asked.each(passes)))


TERMS = """generate_series(1, 99) as years, lateral (
    select from tokens where term_years = years and activation_date is not null order by activation_date limit 1
) as one"""
"""Of how many years there are terms: in an order, lest Postgres go through all tokens, expecting to find one soon. What
is looked up for each of them stands behind an `offset 0`, or is limited: Postgres would look at all tokens instead, and
join the years with them.
"""
ENDED = "(activation_date + make_interval(years => term_years))::date"
"""The last day of a term, 28 February for the 29th: what `expiration_date` is, by what the index of starts holds."""


def ending_sql(condition: str) -> str:
    """The serials of tokens whose term of a number of `years` has a start, of which the condition speaks."""
    return f"""select token_serial from {TERMS}, lateral (
        select token_serial from tokens
        where term_years = years and activation_date is not null and {condition} offset 0) as ending"""


def starting_sql(condition: str) -> str:
    """The serials of tokens whose term has a start, of which the condition speaks, whatever its length."""
    return f"{ending_sql(condition)} union all {endless_sql(condition)}"


def endless_sql(condition: str) -> str:
    """The serials of tokens whose term has a start, of which the condition speaks, and no known length."""
    return f"""select token_serial from tokens
        where term_years is null and activation_date is not null and {condition}"""


def began_sql(day: str) -> str:
    """The first day on which a term of `years` can have begun that ends on a day."""
    return f"({day} - make_interval(years => years))::date"


def day_sql(report: Report, arguments: Arguments, apart: int) -> str:
    """The placeholder of the earliest (-1) or latest (1) day that the report's can be for a row."""
    day = report.today().toordinal() + apart * ZONES_APART_DAYS
    return arguments.bind(date.fromordinal(min(max(day, 1), date.max.toordinal())), "date")


def _by_index_sql(asked: LookUp, serials: str) -> str:
    """As `serials_sql` has it, of an index that has the serials by date. Those within bounds lie there side by side: to
    read them twice is faster than to keep them until it is known how many they are, and which come first.
    """
    most = asked.most_by_index
    if asked.first is None or not asked.is_of_bounds:
        return serials_sql(asked, most, serials)
    return told_sql(asked, f"({serials} limit {most + 1}) as serials", most)


def _day_condition(asked: LookUp, each: Filter, cell: str) -> str:
    """A filter's condition on a date (an SQL expression)."""
    match each.operator:
        case Operator.BEFORE:
            return f"{cell} < {_bound(asked, each)}"
        case Operator.AFTER:
            return f"{cell} > {_bound(asked, each)}"
    return f"{cell} = any({asked.arguments.bind(_days(asked, each), 'date[]')})"


def _bound(asked: LookUp, each: Filter) -> str:
    return asked.arguments.bind(parse_date(dated(each, asked.report.today).values[0]), "date")


def _days(asked: LookUp, each: Filter) -> list[date]:
    days = days_of(dated(each, asked.report.today))
    assert days is not None
    return days
