"""The list of order lines in SQL: the view `orders`, and the function `orders_at(as_of)` that the API reads.

A line is listed from the `time` of the event or the midnight of the date, whichever is first, of its order or of a
shipment that names it. The cells of the order are as known today; a shipment counts as having left from its date on.
"""

from lifecycle.order_states import OrderState
from projections.local_dates import local_date_sql
from projections.orders.columns import ORDER_COLUMNS

DROP = """
drop function if exists orders_at(timestamptz);
drop view if exists orders;
"""

_OWN = (
    *("order_line", "sales_order", "line", "part_number", "cloud_plan", "description", "term_years"),
    *("token_type", "org_id", "org_name", "purchase_order", "customer_reference", "customer_name"),
    *("customer_id", "order_date", "quantity"),
)


def orders_sql(as_of: str) -> str:
    """The query, at an instant (an SQL expression)."""
    today = local_date_sql(as_of)
    is_known = f"(known_at <= {as_of} or ship_date <= {today})"
    of_line = "shipment_lines.order_line = ordered.order_line"
    cells = {
        **{column: f"ordered.{column}" for column in _OWN},
        "named": "cardinality(ordered.named)",
        "shipped": "counted.shipped",
        "missing": """case when ordered.quantity is not null and not ordered.cancelled
        then greatest(ordered.quantity - counted.known, 0) end""",
        "ship_date": "delivered.ship_date",
        "shipments": "coalesce(delivered.shipments, '{}')",
        "state": f"""case when ordered.identity is null then '{OrderState.ORDER_MISSING}'
        when ordered.cancelled then '{OrderState.CANCELLED}'
        when delivered.ship_date is null then '{OrderState.NOT_SHIPPED}'
        when counted.known < coalesce(ordered.quantity, 1) then '{OrderState.SERIALS_MISSING}'
        when counted.shipped < counted.known then '{OrderState.PARTLY_SHIPPED}'
        else '{OrderState.COMPLETE}' end""",
    }
    selected = ",\n    ".join(f"{cells[column.key]} as {column.key}" for column in ORDER_COLUMNS)
    return f"""
select
    {selected}
from order_lines as ordered
left join lateral (
    select min(ship_date) filter (where ship_date <= {today}) as ship_date,
        array_agg(shipment order by shipment) as shipments
    from shipment_lines where {of_line} and {is_known}
) as delivered on true
left join lateral (
    select count(distinct serial) as known, count(distinct serial) filter (where has_left) as shipped
    from (
        select unnest(ordered.named) as serial, false as has_left
        union all
        select unnest(serials), ship_date <= {today} from shipment_lines where {of_line} and {is_known}
    ) as listed
) as counted on true
where ordered.known_at <= {as_of} or ordered.order_date <= {today} or exists (
    select from shipment_lines where {of_line} and {is_known})
""".strip()
