"""Rule 6: from when a token is New, Available, Active, Expired and gone."""

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from tests.reference.calendar import Calendar
from tests.reference.facts import Applied, OrderVersion, ShipmentVersion
from tests.reference.known import Known
from tests.reference.lines import in_report, orders_listing, own_facts, shipments_listing


@dataclass(frozen=True)
class Stages:
    """The instants of the stages in microseconds; None: never. Without `new` the token is in no report."""

    new: int | None
    available: int | None
    active: int | None
    expired: int | None
    gone: int | None

    def at(self, moment: int) -> str | None:
        """The status at the moment; None where the token is in no report."""
        if self.new is None or moment < self.new or (self.gone is not None and self.gone <= moment):
            return None
        status = "New"
        if self.available is not None and self.available <= moment:
            status = "Available"
        if self.active is not None and self.active <= moment:
            status = "Active"
        if self.expired is not None and self.expired <= moment:
            status = "Expired"
        return status

    def instants(self) -> dict[str, int | None]:
        return dataclasses.asdict(self)


def stages(
    known: Known,
    serial: str,
    calendar: Calendar,
    *,
    order: OrderVersion | None,
    shipped: datetime.date | None,
    start: int | None,
    expiration: datetime.date | None,
) -> Stages:
    """`order` is the version in force of the token's line; `start` and `expiration` are the term's."""
    applied = [f.at for f in known.standing(known.moves.get(serial, ())) if isinstance(f, Applied)]
    available = [*applied]
    if shipped is not None:
        available.append(calendar.midnight(shipped))
    if start is not None:
        available.append(start)
    return Stages(
        new=_new(known, serial, calendar, order) if in_report(known, serial) else None,
        available=min(available, default=None),
        active=start,
        # The expiration date is covered in full.
        expired=None if expiration is None else calendar.midnight(expiration + datetime.timedelta(days=1)),
        gone=min((fact.at for fact in known.standing(known.returns.get(serial, ()))), default=None),
    )


def _new(known: Known, serial: str, calendar: Calendar, order: OrderVersion | None) -> int:
    documents: Sequence[OrderVersion | ShipmentVersion] = [
        *orders_listing(known, serial),
        *shipments_listing(known, serial),
    ]
    dates = [fact.order_date if isinstance(fact, OrderVersion) else fact.ship_date for fact in documents]
    if order is not None:
        # Where only a shipment says that the line is the token's, this version does not list the serial.
        dates.append(order.order_date)
    own = own_facts(known, serial)
    instants = [calendar.midnight(date) for date in dates]
    instants += [fact.time for fact in documents]
    instants += [fact.time for fact in own]
    instants += [fact.at for fact in own]
    return min(instants)
