"""How an order line stands: whether what was ordered has been named and shipped. One list, in the order of sorting."""

from enum import StrEnum


class OrderState(StrEnum):
    """What the list of order lines shows at an instant, in the order of a line's life; the first that is true holds.

    A serial is known when the order or a shipment lists it under the line. Of a line that does not say how many
    were ordered, at least one serial must be known.
    """

    ORDER_MISSING = "Order missing"
    CANCELLED = "Cancelled"
    NOT_SHIPPED = "Not shipped"
    SERIALS_MISSING = "Serials missing"
    PARTLY_SHIPPED = "Partly shipped"
    COMPLETE = "Complete"

    @property
    def meaning(self) -> str:
        """When a line stands so."""
        return _MEANINGS[self]


_MEANINGS: dict[OrderState, str] = {
    OrderState.ORDER_MISSING: "a shipment names the line, and no order does",
    OrderState.CANCELLED: "the order's version in force cancels the line",
    OrderState.NOT_SHIPPED: "no shipment of the line has left",
    OrderState.SERIALS_MISSING: "something was shipped, and fewer serials are known than were ordered",
    OrderState.PARTLY_SHIPPED: "every serial is known, and some of them are in no shipment that has left",
    OrderState.COMPLETE: "every serial is known and was shipped",
}
