"""Rows as the recorder leaves them, put into the tables by hand, and the report made of them in plain Python.

The second is written from the words of the rules and shares nothing with the code that it judges.
"""

import zlib
from calendar import isleap
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import asyncpg

KEYS = [
    *("token_serial", "part_number", "cloud_plan", "description", "term_years", "token_type", "org_id"),
    *("org_name", "evse_id", "station_serial", "station_name", "activation_date", "applied_date"),
    *("expiration_date", "purchase_order", "sales_order", "customer_reference", "customer_name"),
    *("customer_id", "order_date", "ship_date", "status"),
]
"""The 22, as the contract lists them."""

_OF_LINE = (
    *("part_number", "cloud_plan", "description", "term_years", "token_type", "purchase_order"),
    *("customer_reference", "customer_name", "customer_id", "order_date"),
)

Cell = str | int | date | list[str] | None
ReportRow = dict[str, Cell]


@dataclass(frozen=True)
class Span:
    """Owner and place from `starts_at` on, until the next span."""

    starts_at: datetime
    org_id: str | None = None
    org_name: str | None = None
    evse_id: str | None = None
    station_serial: str | None = None
    station_name: str | None = None
    applied_date: date | None = None


@dataclass(frozen=True)
class Stored:
    """A token: the cells that do not change in time, the instants of its stages, and its spans in order."""

    token_serial: str
    spans: tuple[Span, ...]
    new_at: datetime | None
    available_at: datetime | None = None
    active_at: datetime | None = None
    expired_at: datetime | None = None
    gone_at: datetime | None = None
    part_number: str | None = None
    cloud_plan: str | None = None
    description: str | None = None
    term_years: int | None = None
    token_type: str | None = None
    activation_date: date | None = None
    expiration_date: date | None = None
    purchase_order: str | None = None
    sales_order: str | None = None
    customer_reference: str | None = None
    customer_name: str | None = None
    customer_id: str | None = None
    order_date: date | None = None
    ship_date: date | None = None
    anomalies: list[str] = field(default_factory=list)


def token(serial: str, at: datetime, **cells: object) -> Stored:
    """A token that is New from `at` on, with these cells; those of owner and place go to its one span.

    A term that has a last day lasts four years, so that this may be any. What is active was available before.
    """
    start, end = cells.get("active_at"), cells.get("expiration_date")
    if isinstance(start, datetime):
        cells = {"available_at": start, "activation_date": start.date(), **cells}
    if isinstance(end, date):
        cells |= {"term_years": 4, "activation_date": end.replace(year=end.year - 4)}
    place = {key: cells.pop(key) for key in list(cells) if key in Span.__dataclass_fields__}
    return replace(Stored(serial, (Span(at, **place),), at), **cells)  # type: ignore[arg-type]


def last_day(first: date | None, years: int | None) -> date | None:
    """The last day of a term: the same one so many years later, 28 February for the 29th."""
    if first is None or years is None:
        return None
    has_none = (first.month, first.day) == (2, 29) and not isleap(first.year + years)
    return date(first.year + years, first.month, 28 if has_none else first.day)


KEEP_OWNERS_AND_PLACES = """
with named as (
    select org_id, org_name, station_serial, station_name, evse_id from tokens
    union select org_id, org_name, station_serial, station_name, evse_id from spans
), owner as (
    select array_agg(org_id) as org_ids, array_agg(org_name) as org_names
    from (select distinct org_id, org_name from named where org_id is not null) as one
), place as (
    select array_agg(station_serial) as station_serials, array_agg(station_name) as station_names,
        array_agg(evse_id) as evse_ids
    from (
        select distinct station_serial, station_name, evse_id from named
        where station_serial is not null and (station_name is not null or evse_id is not null)
    ) as one
)
select keep_owners_and_places(org_ids, org_names, station_serials, station_names, evse_ids) from owner, place
"""


async def store(connection: asyncpg.Connection, *stored: Stored) -> None:
    """Write tokens as the recorder would."""
    for each in stored:
        *earlier, last = each.spans
        cells = {key: value for key, value in vars(each).items() if key != "spans"}
        place = {key: value for key, value in vars(last).items() if key != "starts_at"}
        packed = {"sequence": 1, "fold_version": 1, "digest": b"", "facts": b""}
        await _insert(connection, "tokens", {**cells, **place, "span_starts_at": last.starts_at, **packed})
        for span, following in zip(earlier, each.spans[1:], strict=True):
            key = {"token_serial": each.token_serial, "ends_at": following.starts_at}
            await _insert(connection, "spans", {**key, **vars(span)})
        await _store_line(connection, each)
        await connection.executemany(
            "insert into subjects (kind, key, facts, serials) values (3, $1, '', '') on conflict do nothing",
            {(span.station_serial,) for span in each.spans if span.station_serial is not None},
        )

    await connection.execute(KEEP_OWNERS_AND_PLACES)


async def _store_line(connection: asyncpg.Connection, each: Stored) -> None:
    """A line for each token that has cells from one, which names it; or leaves that to the shipment, where there is."""
    cells = {key: getattr(each, key) for key in _OF_LINE}
    key = {"order_line": each.token_serial, "sales_order": each.sales_order or "", "line": ""}
    named_by_line = each.ship_date is None or zlib.crc32(each.token_serial.encode()) % 2 == 0
    if each.ship_date is not None:
        shipped = {"shipment": each.token_serial, "identity": b"", "known_at": each.spans[0].starts_at}
        of_shipment = {"ship_date": each.ship_date, "serials": [each.token_serial]}
        await _insert(connection, "shipment_lines", {**shipped, **key, **of_shipment})
    if any(cell is not None for cell in (*cells.values(), each.sales_order, each.ship_date)):
        named = [each.token_serial] if named_by_line else []
        await _insert(connection, "order_lines", {**key, **cells, "named": named, "quantity": 1})


async def _insert(connection: asyncpg.Connection, table: str, cells: dict[str, object]) -> None:
    places = ", ".join(f"${number}" for number in range(1, len(cells) + 1))
    await connection.execute(f"insert into {table} ({', '.join(cells)}) values ({places})", *cells.values())


def report_row(each: Stored, at: datetime) -> ReportRow | None:
    """The row of a token at an instant; None where it is in no report then."""
    if each.new_at is None or at < each.new_at or (each.gone_at is not None and at >= each.gone_at):
        return None
    status = "New"
    for instant, name in (
        (each.available_at, "Available"),
        (each.active_at, "Active"),
        (each.expired_at, "Expired"),
    ):
        if instant is not None and at >= instant:
            status = name
    place = [span for span in each.spans if span.starts_at <= at][-1]
    started = each.active_at is not None and at >= each.active_at
    cells = {**vars(each), **vars(place), "status": status}
    if not started:
        cells |= {"activation_date": None, "expiration_date": None}
    return {key: cells[key] for key in [*KEYS, "anomalies"]}


def rows_at(stored: list[Stored], at: datetime) -> list[ReportRow]:
    """The report at an instant, by serial."""
    rows = [row for each in stored if (row := report_row(each, at)) is not None]
    return sorted(rows, key=lambda row: str(row["token_serial"]))


def shown(cell: Cell) -> str | None:
    """The text that the report shows, None for an empty cell."""
    if cell is None or cell == []:
        return None
    return ",".join(cell) if isinstance(cell, list) else str(cell)


def lower(text: str) -> str:
    """Character by character, as Unicode's simple mapping has it; İ alone would become two."""
    return "".join(each.lower() if len(each.lower()) == 1 else "i" for each in text)


def passes(row: ReportRow, column: str, operator: str, value: str) -> bool:
    """Whether a row passes a filter. For `in`, the value has neither escapes nor empty values."""
    cell = row[column]
    text = shown(cell)
    match operator:
        case "is_empty":
            return text is None
        case "is_not_empty":
            return text is not None
        case "does_not_contain":
            return text is None or lower(value) not in lower(text)
        case "is_not":
            return text is None or lower(value) != lower(text)
    if text is None:
        return False
    match operator:
        case "contains":
            return lower(value) in lower(text)
        case "is":
            return lower(value) == lower(text)
        case "in":
            return lower(text) in [lower(each) for each in value.split(",")]
    bound = date.fromisoformat(value) if isinstance(cell, date) else float(value)
    return cell < bound if operator == "before" else cell > bound  # type: ignore[operator]


def ordered(rows: list[ReportRow], column: str, descending: bool) -> list[ReportRow]:
    """Rows by a column: empty cells last both ways, equal ones by serial."""

    def key(row: ReportRow) -> object:
        cell = row[column]
        if column == "status":
            return ["New", "Available", "Active", "Expired"].index(str(cell))
        return cell if isinstance(cell, (int, date)) else lower(str(shown(cell)))

    by_serial = sorted(rows, key=lambda row: str(row["token_serial"]))
    full = [row for row in by_serial if shown(row[column]) is not None]
    empty = [row for row in by_serial if shown(row[column]) is None]
    return sorted(full, key=key, reverse=descending) + empty  # type: ignore[arg-type]


MICROSECOND = timedelta(microseconds=1)
