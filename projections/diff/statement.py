"""The SQL of a diff: the two reports, each made by the one builder, side by side."""

from dataclasses import replace

from lifecycle.stages import STAGES
from projections.diff.request import DiffRequest
from projections.query.arguments import Arguments
from projections.query.builder import Statement, instant_sql, rows_sql
from projections.query.filters import filters_condition
from projections.query.report import Report


def diff_statement(request: DiffRequest) -> Statement:
    """One page, by serial, with a token more than its limit to tell whether there is a next one.

    A row is the serial; whether the token is in the earlier report, and its cells there; the same of the
    later one.
    """
    arguments = Arguments()
    cells = [
        cell
        for side in ("earlier", "later")
        for cell in (f"{side}.token_serial is not null", *_cells(request.report, side))
    ]
    differing = _differing(request, f"changed.token_serial, {', '.join(cells)}", arguments)
    limit = arguments.bind(request.limit + 1, "integer")
    return Statement(
        f'{differing} order by changed.token_serial collate "pg_c_utf8" limit {limit}', arguments.values
    )


def count_statement(request: DiffRequest) -> Statement:
    """How many tokens differ, on all pages."""
    arguments = Arguments()
    return Statement(_differing(replace(request, after=None), "count(*)", arguments), arguments.values)


def _differing(request: DiffRequest, selected: str, arguments: Arguments) -> str:
    earlier = _side(request.before, arguments)
    later = _side(request.report, arguments)
    compared = [f"({', '.join(_cells(request.report, side))})" for side in ("earlier", "later")]
    return f"""
        with changed as ({_changed(request, arguments)})
        select {selected}
        from changed
        left join ({earlier}) as earlier using (token_serial)
        left join ({later}) as later using (token_serial)
        where (earlier.passes or later.passes)
            and ((earlier.token_serial is null) <> (later.token_serial is null)
                or row{compared[0]} is distinct from row{compared[1]})
    """


def _changed(request: DiffRequest, arguments: Arguments) -> str:
    """The tokens whose row can differ: what decides it at an instant are these instants before it, nothing else.

    So the two reports are read for these alone, not for every token there is.
    """
    since, until = (instant_sql(instant, arguments) for instant in (request.since, request.report.as_of))
    instants = [*(stage.column for stage in STAGES), "starts_at"]
    between = " or ".join(f"({instant} > {since} and {instant} <= {until})" for instant in instants)
    after = (
        ""
        if request.after is None
        else f' and token_serial collate "pg_c_utf8" > {arguments.bind(request.after, "text")}'
    )
    return f"select distinct token_serial from token_periods where ({between}){after}"


def _side(report: Report, arguments: Arguments) -> str:
    """The report in its scope at one instant, and whether its filters let a row pass."""
    passes = filters_condition(report.filters, report.match, report.today, arguments) or "true"
    keys = {"token_serial": None} | {column.key: None for column in report.columns}
    return rows_sql(replace(report, filters=()), f"{', '.join(keys)}, {passes} as passes", arguments)


def _cells(report: Report, side: str) -> list[str]:
    return [f"{side}.{column.key}" for column in report.columns]
