"""Documents that a later version replaced, and what it changed."""

from typing import NamedTuple

from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.words import Cited, cite_order, cite_shipment, day
from lifecycle.facts import OrderVersion, ShipmentVersion

_ORDER_FIELDS = OrderVersion.__struct_fields__[OrderVersion.__struct_fields__.index("cancelled") :]


class Correction(NamedTuple):
    """A version of a document that the one in force `replaced_by` replaced; `time` (microseconds) is its own."""

    time: int
    replaced: Cited
    replaced_by: Cited
    sentence: str


def corrections_of(evidence: Evidence) -> list[Correction]:
    """The versions that are not retracted and in force no longer, the latest first."""
    found: list[Correction] = []
    for key in evidence.line_keys:
        line = evidence.lines[key]
        listing = evidence.facts.lines.get(key, ())
        current = line.in_force
        for version in line.versions:
            if version.retracted is None and current is not None and version is not current:
                changed = _changed_order(version, current)
                changed += _changed_listing(version.identity in listing, current.identity in listing)
                cited = cite_order(key, version), cite_order(key, current)
                found.append(Correction(version.time, *cited, _sentence(changed)))
    for key, listings in evidence.facts.shipments.items():
        shipment = evidence.shipments[key]
        sent = shipment.in_force
        for each in shipment.versions:
            if each.retracted is None and sent is not None and each is not sent:
                moved = _changed_shipment(each, sent)
                moved += _changed_listing(each.identity in listings, sent.identity in listings)
                found.append(
                    Correction(
                        each.time, cite_shipment(key, each), cite_shipment(key, sent), _sentence(moved)
                    )
                )
    return sorted(found, key=lambda each: (each.time, each.replaced), reverse=True)


def _changed_order(before: OrderVersion, after: OrderVersion) -> list[str]:
    changed = []
    for field in _ORDER_FIELDS:
        old, new = getattr(before, field), getattr(after, field)
        if old != new:
            old, new = (day(old), day(new)) if field == "order_date" else (_shown(old), _shown(new))
            changed.append(f"{field} from {old} to {new}")
    return changed


def _changed_shipment(before: ShipmentVersion, after: ShipmentVersion) -> list[str]:
    if before.ship_date == after.ship_date:
        return []
    return [f"ship_date from {day(before.ship_date)} to {day(after.ship_date)}"]


def _changed_listing(before: bool, after: bool) -> list[str]:
    if before == after:
        return []
    return ["it lists the token now"] if after else ["it lists the token no longer"]


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sentence(changed: list[str]) -> str:
    return (
        f"changed: {'; '.join(changed)}" if changed else "nothing that the report shows of the token changed"
    )
