"""The columns of the report: one declaration, from which all that shows or asks for them is made.

The SQL view and function, the API, the commands, the exports and the table in `docs/report.md` read it.
"""

from dataclasses import dataclass
from enum import StrEnum

from babel.dates import get_timezone_name

from lifecycle.stages import STAGES, Status


class Operator(StrEnum):
    """What a filter can ask of a cell."""

    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "does_not_contain"
    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    BEFORE = "before"
    AFTER = "after"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"

    @property
    def takes_value(self) -> bool:
        return self not in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY)


_ANY_TYPE = tuple(operator for operator in Operator if operator not in (Operator.BEFORE, Operator.AFTER))


class ColumnType(StrEnum):
    """How the cells of a column are stored, compared and shown."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    STATUS = "status"
    LIST = "list"

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that a filter on such a column may use, in the order in which they are listed."""
        return tuple(Operator) if self in (ColumnType.NUMBER, ColumnType.DATE) else _ANY_TYPE

    @property
    def sql_type(self) -> str:
        return {ColumnType.NUMBER: "smallint", ColumnType.DATE: "date", ColumnType.LIST: "text[]"}.get(
            self, "text"
        )


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `title` may hold `{zone}`, see `title_in`. `sql` is the cell in SQL over a row of the view
    `token_periods`, with `{as_of}` for the instant. `from_span` tells the cells of owner and place, which the
    span that holds then gives, from the token's own; `is_standard` the 22 columns of the report from those
    shown only when named.
    """

    key: str
    title: str
    type: ColumnType
    sql: str
    doc: str
    from_span: bool = False
    is_standard: bool = True

    def title_in(self, zone_title: str) -> str:
        """The heading, with the name of the zone (see `zone_title`) where the dates are local ones."""
        return self.title.replace("{zone}", zone_title)


def _status_sql() -> str:
    """The furthest stage whose instant has come."""
    reached = [f"when {stage.column} <= {{as_of}} then '{stage.status}'" for stage in STAGES if stage.status]
    return f"case {' '.join(reversed(reached))} end"


def _from_start(column: str) -> str:
    """A cell that stays empty before the term has started."""
    started = next(stage.column for stage in STAGES if stage.status is Status.ACTIVE)
    return f"case when {started} <= {{as_of}} then {column} end"


def _text(key: str, title: str, doc: str, *, from_span: bool = False) -> Column:
    return Column(key, title, ColumnType.TEXT, key, doc, from_span)


def _date(key: str, title: str, doc: str, *, sql: str | None = None, from_span: bool = False) -> Column:
    return Column(key, title, ColumnType.DATE, sql or key, doc, from_span)


COLUMNS: tuple[Column, ...] = (
    _text("token_serial", "Token S/N", "The service token's serial number."),
    _text("part_number", "Part No.", "What was ordered, as the vendor's catalogue numbers it."),
    _text("cloud_plan", "Cloud Plan", "The plan that the token pays for."),
    _text("description", "Description", "The order line's own words."),
    Column(
        "term_years",
        "Term (Years)",
        ColumnType.NUMBER,
        "term_years",
        "How long the plan runs from its start.",
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
    Column(
        "status",
        "Status",
        ColumnType.STATUS,
        _status_sql(),
        f"{', '.join(list(Status)[:-1])} or {list(Status)[-1]}, at that instant.",
    ),
    Column(
        "anomalies",
        "Anomalies",
        ColumnType.LIST,
        "anomalies",
        "What does not add up in all that is known of the token, sorted; shown only when named.",
        is_standard=False,
    ),
)
"""Every column, in the order in which the report shows them."""

STANDARD_COLUMNS: tuple[Column, ...] = tuple(column for column in COLUMNS if column.is_standard)
"""The 22 columns of the report."""

BY_KEY: dict[str, Column] = {column.key: column for column in COLUMNS}


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
