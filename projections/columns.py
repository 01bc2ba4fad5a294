"""The columns of the report: one declaration, from which all that shows or asks for them is made.

The SQL view and function, the API, the commands, the exports and the table in `docs/report.md` read it.
"""

from dataclasses import dataclass

from babel.dates import get_timezone_name

from lifecycle.anomalies import ANOMALIES
from lifecycle.stages import STAGES, Status
from projections.listing import Column, ColumnType, Listing


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenColumn(Column):
    """A column of the report of tokens.

    `sql` is the cell in SQL over a row of the view `token_periods`, with `{as_of}` for the instant. `from_span`
    tells the cells of owner and place, which the span that holds then gives, from the token's own.
    """

    sql: str
    from_span: bool = False


def _status_sql() -> str:
    """The furthest stage whose instant has come."""
    reached = [f"when {stage.column} <= {{as_of}} then '{stage.status}'" for stage in STAGES if stage.status]
    return f"case {' '.join(reversed(reached))} end"


def _from_start(column: str) -> str:
    """A cell that stays empty before the term has started."""
    started = next(stage.column for stage in STAGES if stage.status is Status.ACTIVE)
    return f"case when {started} <= {{as_of}} then {column} end"


def _text(key: str, title: str, doc: str, *, from_span: bool = False) -> TokenColumn:
    return TokenColumn(key, title, ColumnType.TEXT, doc, sql=key, from_span=from_span)


def _date(key: str, title: str, doc: str, *, sql: str | None = None, from_span: bool = False) -> TokenColumn:
    return TokenColumn(key, title, ColumnType.DATE, doc, sql=sql or key, from_span=from_span)


COLUMNS: tuple[TokenColumn, ...] = (
    _text("token_serial", "Token S/N", "The service token's serial number."),
    _text("part_number", "Part No.", "What was ordered, as the vendor's catalogue numbers it."),
    _text("cloud_plan", "Cloud Plan", "The plan that the token pays for."),
    _text("description", "Description", "The order line's own words."),
    TokenColumn(
        "term_years",
        "Term (Years)",
        ColumnType.NUMBER,
        "How long the plan runs from its start.",
        sql="term_years",
    ),
    _text("token_type", "Token Type", "The kind of token, as the order line says it."),
    _text("org_id", "Org ID", "The organization that owns the token at that instant.", from_span=True),
    _text(
        "org_name",
        "Org Name",
        "The owner's name, as the event that made it the owner says it.",
        from_span=True,
    ),
    _text(
        "evse_id",
        "EVSE ID",
        "The port of the station to which the token is applied at that instant.",
        from_span=True,
    ),
    _text(
        "station_serial",
        "Station S/N",
        "The station to which the token is applied at that instant.",
        from_span=True,
    ),
    _text("station_name", "Station Name", "That station's name, as the application says it.", from_span=True),
    _date(
        "activation_date",
        "Activation Date ({zone})",
        "The local date on which the term started; empty before that instant.",
        sql=_from_start("activation_date"),
    ),
    _date(
        "applied_date",
        "Applied Date ({zone})",
        "The local date of the first application of the present stay on that station.",
        from_span=True,
    ),
    _date(
        "expiration_date",
        "Expiration Date ({zone})",
        "The last local date that the plan covers; empty before the term has started.",
        sql=_from_start("expiration_date"),
    ),
    _text("purchase_order", "Purchase Order", "The customer's number of the order."),
    _text("sales_order", "Sales Order", "The vendor's number of the order."),
    _text("customer_reference", "Customer Reference", "The customer's own remark on the order."),
    _text("customer_name", "Customer Name", "Who bought the token; a transfer does not change it."),
    _text("customer_id", "Customer ID", "The buyer's number."),
    _date("order_date", "Order Date", "The date that the order bears."),
    _date("ship_date", "Ship Date", "The earliest date on which a shipment lists the token."),
    TokenColumn(
        "status",
        "Status",
        ColumnType.STATUS,
        f"{', '.join(list(Status)[:-1])} or {list(Status)[-1]}, at that instant.",
        choices=tuple(Status),
        sql=_status_sql(),
    ),
    TokenColumn(
        "anomalies",
        "Anomalies",
        ColumnType.LIST,
        "What does not add up in all that is known of the token, sorted; shown only when named.",
        choices=tuple(sorted(ANOMALIES)),
        is_standard=False,
        sql="anomalies",
    ),
)
"""Every column, in the order in which the report shows them."""

TOKENS = Listing("service-tokens", "token", "tokens", COLUMNS, "service_tokens_at", "token_serial")
"""The report."""

STANDARD_COLUMNS: tuple[Column, ...] = TOKENS.standard_columns
"""The 22 columns of the report."""


def zone_title(zone: str) -> str:
    """The name of an IANA zone as the headings say it: `Pacific Time` for `America/Los_Angeles`.

    Where English has no name for a zone, or no zone bears the name, it is the name given.
    """
    try:
        name = get_timezone_name(zone, width="long", zone_variant="generic", locale="en")
        if name.startswith("Unknown Region"):  # fixed offsets: of those, English names UTC alone
            name = get_timezone_name(zone, width="long", zone_variant="standard", locale="en")
    except LookupError:
        return zone
    return zone if name.startswith(("Unknown Region", "world")) else name
