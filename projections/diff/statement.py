"""The SQL of a diff: the two reports, each made by the one builder, side by side."""

from dataclasses import replace

from lifecycle.stages import STAGES
from projections.columns import COLUMNS
from projections.diff.request import DiffRequest
from projections.query.arguments import Arguments
from projections.query.builder import Statement, instant_sql, rows_sql
from projections.query.report import Report
from projections.query.scope import AllOrganizations


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
    return Statement(f"{differing} order by changed.token_serial limit {limit}", arguments.values)


def count_statement(request: DiffRequest) -> Statement:
    """How many tokens differ, on all pages."""
    arguments = Arguments()
    return Statement(_differing(replace(request, after=None), "count(*)", arguments), arguments.values)


def _differing(request: DiffRequest, selected: str, arguments: Arguments) -> str:
    compared = [f"row({', '.join(_cells(request.report, side))})" for side in ("earlier", "later")]
    return f"""
        select {selected}
        from ({_changed(request, arguments)} order by token_serial) as changed
        left join lateral ({_row_at(request.before, arguments)}) as earlier on true
        left join lateral ({_row_at(request.report, arguments)}) as later on true
        where (earlier.token_serial is null) <> (later.token_serial is null)
            or {compared[0]} is distinct from {compared[1]}
    """


def _changed(request: DiffRequest, arguments: Arguments) -> str:
    """The tokens whose row can differ, of those that pass the filters at either instant.

    A row depends on its instant by the stages and the span reached by then, and by nothing else. So the two
    reports are looked up for tokens alone that reached one in between on which a cell compared depends.
    """
    since, until = (instant_sql(instant, arguments) for instant in (request.since, request.report.as_of))
    beyond = "" if request.after is None else f" and token_serial > {_serial(request.after, arguments)}"

    def reached(*instants: str) -> str:
        between = [f"({instant} > {since} and {instant} <= {until})" for instant in instants]
        return f"({' or '.join(between)}){beyond}"

    columns = [column for column in COLUMNS if column in request.report.columns]
    instants = [
        stage.column
        for place, stage in enumerate(STAGES)
        # The first and the last decide whether there is a row at all.
        if place == 0 or stage.status is None or any(stage.column in column.sql for column in columns)
    ]
    by_span = any(column.from_span for column in columns)
    if by_span or not isinstance(request.report.scope, AllOrganizations):
        instants.append("span_starts_at")
        earlier_spans = f" union select token_serial from spans where {reached('ends_at')}"
    else:
        earlier_spans = ""
    changed = f"select token_serial from tokens where {reached(*instants)}{earlier_spans}"
    if not request.report.filters:
        return changed
    passing = [rows_sql(report, "token_serial", arguments) for report in (request.before, request.report)]
    return f"select token_serial from ({changed}) as reaching where token_serial in ({' union all '.join(passing)})"


def _row_at(report: Report, arguments: Arguments) -> str:
    """The row of one changed token in the report, in its scope, whether it passes the filters or not."""
    keys = {"token_serial": None} | {column.key: None for column in report.columns}
    rows = rows_sql(replace(report, filters=()), ", ".join(keys), arguments)
    # Without the offset Postgres would join the sets instead, and go through all spans for each token.
    return f"select * from ({rows}) as listed where listed.token_serial = changed.token_serial offset 0"


def _serial(serial: str, arguments: Arguments) -> str:
    return f'{arguments.bind(serial, "text")} collate "pg_c_utf8"'


def _cells(report: Report, side: str) -> list[str]:
    return [f"{side}.{column.key}" for column in report.columns]
