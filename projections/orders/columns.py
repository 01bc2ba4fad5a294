"""The columns of the list of order lines, as `TOKENS` declares those of the report."""

from lifecycle.order_states import OrderState
from projections.listing import Column, ColumnType, Listing


def _text(key: str, title: str, doc: str, *, is_standard: bool = True) -> Column:
    return Column(key, title, ColumnType.TEXT, doc, is_standard=is_standard)


def _number(key: str, title: str, doc: str) -> Column:
    return Column(key, title, ColumnType.NUMBER, doc)


ORDER_COLUMNS: tuple[Column, ...] = (
    _text("sales_order", "Sales Order", "The vendor's number of the order."),
    _text("line", "Line", "The line's number in that order."),
    _text("part_number", "Part No.", "What was ordered, as the vendor's catalogue numbers it."),
    _text("cloud_plan", "Cloud Plan", "The plan that the tokens pay for."),
    _text("description", "Description", "The order line's own words."),
    _number("term_years", "Term (Years)", "How long the plan runs from its start."),
    _text("token_type", "Token Type", "The kind of token, as the order line says it."),
    _text("org_id", "Org ID", "The organization that the order gives the tokens to, whoever owns them now."),
    _text("org_name", "Org Name", "That organization's name."),
    _text("purchase_order", "Purchase Order", "The customer's number of the order."),
    _text("customer_reference", "Customer Reference", "The customer's own remark on the order."),
    _text("customer_name", "Customer Name", "Who bought the tokens."),
    _text("customer_id", "Customer ID", "The buyer's number."),
    Column("order_date", "Order Date", ColumnType.DATE, "The date that the order bears."),
    _number("quantity", "Ordered", "How many tokens were ordered, where the order says it."),
    _number("named", "Named", "How many serials the order itself lists under the line."),
    _number("shipped", "Shipped", "How many serials shipments that have left list under the line."),
    _number(
        "missing",
        "Missing",
        "How many of the ordered are in no list yet, neither the order's nor a shipment's; empty where the order "
        "does not say how many were ordered.",
    ),
    Column(
        "ship_date",
        "Ship Date",
        ColumnType.DATE,
        "The earliest date of the shipments of the line that have left.",
    ),
    Column("shipments", "Shipments", ColumnType.LIST, "The numbers of the shipments of the line, sorted."),
    Column(
        "state",
        "State",
        ColumnType.STATUS,
        f"{', '.join(list(OrderState)[:-1])} or {list(OrderState)[-1]}, at that instant.",
        choices=tuple(OrderState),
    ),
    _text(
        "order_line",
        "Order Line",
        r"Sales order and line with `/` between them (`SO-1/2`), the line's exact key; in the sales order `\/` "
        r"stands for a slash and `\\` for a backslash. Shown only when named.",
        is_standard=False,
    ),
)
"""Every column, in the order in which the list shows them."""

ORDERS = Listing("orders", "order line", "order lines", ORDER_COLUMNS, "orders_at", "order_line")
"""A row for each order line that was known by an instant."""
