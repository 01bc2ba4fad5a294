"""A customer at work: what its orders, deliveries and stations share."""

from dataclasses import dataclass, field
from typing import NamedTuple

from lifecycle.calendar import Calendar
from tokens.simulate.catalog import Product
from tokens.simulate.company import Customer, Organization
from tokens.simulate.delivery import Delivery
from tokens.simulate.dice import Dice


@dataclass(slots=True, frozen=True)
class Station:
    """One charging station. `first_boot` (microseconds) is None where it never reports."""

    serial: str
    name: str
    evse_prefix: str
    first_boot: int | None

    def evse_id(self, port: int) -> str:
        """The id of one of its ports, counted from 1."""
        return f"{self.evse_prefix}*{port}"


class Lapse(NamedTuple):
    """A term that ends soon at a station (microseconds), and is to be renewed there."""

    station: Station
    port: int
    organization: Organization
    product: Product
    ends_at: int


@dataclass(slots=True)
class Account:
    """The state of one customer. Numbers of documents count up, so that no identifier comes twice."""

    customer: Customer
    company_number: str
    dice: Dice
    delivery: Delivery
    calendar: Calendar
    tokens_ordered: int = 0
    orders: int = 0
    shipments: int = 0
    returns: int = 0
    transfers: int = 0
    stations: int = 0
    last_delivered: str | None = None
    lapses: list[Lapse] = field(default_factory=list)

    def take_serials(self, quantity: int) -> tuple[str, ...]:
        """The serials of the next tokens of this customer."""
        first = self.customer.first_token + self.tokens_ordered
        self.tokens_ordered += quantity
        return tuple(f"ST{self.company_number}-{number:07d}" for number in range(first, first + quantity))

    def next_sales_order(self) -> str:
        """The number of its next order."""
        self.orders += 1
        return f"SO{self.company_number}-{self.customer.number}-{self.orders}"

    def next_shipment(self) -> str:
        """The number of its next shipment."""
        self.shipments += 1
        return f"SH{self.company_number}-{self.customer.number}-{self.shipments}"

    def next_return(self) -> str:
        """The number of its next return."""
        self.returns += 1
        return f"RM{self.company_number}-{self.customer.number}-{self.returns}"

    def next_transfer(self) -> str:
        """The number of its next transfer."""
        self.transfers += 1
        return f"TR{self.company_number}-{self.customer.number}-{self.transfers}"

    def next_station(self, place: str, first_boot: int | None) -> Station:
        """A station of its own, at a place such as "Garage P2"."""
        self.stations += 1
        number = f"{self.company_number}{self.customer.number:05d}{self.stations:04d}"
        return Station(
            serial=f"CS{number}",
            name=f"{place} - {self.dice.pick(self.customer.segment.spots)} {self.stations:02d}",
            evse_prefix=f"US*XVN*E{number}",
            first_boot=first_boot,
        )
