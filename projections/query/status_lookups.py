"""The SQL of what is looked up of the tokens of a status, by indexes that have these alone, or by their dates."""

from itertools import pairwise

from lifecycle.stages import STAGES, Status
from projections.query.builder import instant_sql
from projections.query.date_lookups import began_sql, day_sql, ending_sql, endless_sql, starting_sql
from projections.query.lookups import LookUp, are_few_sql, serials_sql


def by_status(asked: LookUp, status: Status) -> str:
    """The first serials of the tokens that can have a status at the report's instant."""
    return {
        Status.NEW: _new_ones,
        Status.AVAILABLE: _available_ones,
        Status.ACTIVE: _active_ones,
        Status.EXPIRED: _expired_ones,
    }[status](asked)


def can_have_sql(status: Status, instant: str) -> str:
    """What is true of the tokens that have a status at an instant (an SQL expression)."""
    [(reached, following)] = ((each, later) for each, later in pairwise(STAGES) if each.status is status)
    ends = dict.fromkeys((following.column, *(each.column for each in STAGES if each.status is None)))
    not_yet = (f"({column} is null or {column} > {instant})" for column in ends)
    return " and ".join((f"{reached.column} <= {instant}", *not_yet))


def _new_ones(asked: LookUp) -> str:
    """Those that never become Available, and those that do so after the report's instant, shipped or not."""
    instant = instant_sql(asked.report.as_of, asked.arguments)
    later = f"select serials from shipment_lines where ship_date > {_day(asked, -1)}"
    return serials_sql(
        asked,
        asked.most_by_index,
        _in_order(asked, "available_at is null and new_at is not null"),
        f"select unnest(serials) from ({later}) as later where (select are_few from few)",
        f"select token_serial from tokens where ship_date is null and available_at > {instant}",
        # Of all that was shipped long after the instant, hardly any was there then. In an order, lest Postgres read
        # what was shipped before, too.
        are_few=are_few_sql(
            f"({later} order by ship_date desc) as later", "cardinality(serials)", asked.most
        ),
    )


def _available_ones(asked: LookUp) -> str:
    """Those whose term never starts, and those for which it does after the report's instant."""
    return serials_sql(
        asked,
        asked.most_by_index,
        _in_order(asked, "available_at is not null and active_at is null"),
        starting_sql(f"activation_date >= {_day(asked, -1)}"),
    )


def _active_ones(asked: LookUp) -> str:
    started = f"activation_date <= {_day(asked, 1)}"
    ends_later = f"activation_date >= {began_sql(_day(asked, -1))}"
    return serials_sql(
        asked, asked.most_by_index, ending_sql(f"{started} and {ends_later}"), endless_sql(started)
    )


def _expired_ones(asked: LookUp) -> str:
    ended = ending_sql(f"activation_date <= {began_sql(_day(asked, 1))} + 1")
    return serials_sql(asked, asked.most_by_index, ended)


def _in_order(asked: LookUp, condition: str) -> str:
    """The first serials of an index that has these tokens alone."""
    assert asked.first is not None
    return f"""(select token_serial from tokens
        where {condition} and token_serial > {asked.arguments.bind(asked.first.behind, "text")}
        order by token_serial limit {asked.first.size})"""


def _day(asked: LookUp, apart: int) -> str:
    return day_sql(asked.report, asked.arguments, apart)
