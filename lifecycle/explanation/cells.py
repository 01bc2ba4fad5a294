"""Where each cell of a row came from."""

from lifecycle.cells import PlanCells, row_at
from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.status import status_because
from lifecycle.explanation.term import end_facts, end_sentence, start_because
from lifecycle.explanation.words import (
    Because,
    Cited,
    cite_own,
    day,
    instant,
    line_name,
)
from lifecycle.facts import Applied, Transferred
from lifecycle.places import Place

_FROM_THE_ORDER = tuple(key for key in PlanCells._fields if key not in ("sales_order", "ship_date"))


def cells_because(evidence: Evidence, at: int) -> dict[str, Because]:
    """For each of the 22 columns, why its cell is what it is at an instant (microseconds); empty where no row is."""
    row = row_at(evidence.serial, evidence.history, at)
    if row is None:
        return {}
    found = {"token_serial": _in_report(evidence), **_line_cells(evidence, row)}
    found["ship_date"] = _ship_date(evidence)
    found.update(_owner_cells(evidence, at))
    found.update(_place_cells(evidence, at))
    found.update(_term_cells(evidence, at))
    found["status"] = status_because(evidence, at)
    return {key: found[key] for key in row if key in found}


def _in_report(evidence: Evidence) -> Because:
    first, *others = evidence.kept_by
    more = "" if not others else f", as {len(others)} more do" if len(others) > 1 else ", as one more does"
    return Because(f"The token is in the report because a fact in force names it{more}.", (first,))


def _line_cells(evidence: Evidence, row: dict[str, object]) -> dict[str, Because]:
    line, version, facts = evidence.claims.line, evidence.claims.version, evidence.line_facts
    if line is None:
        nothing = Because("No order and no shipment in force names the token.", ())
        return dict.fromkeys((*_FROM_THE_ORDER, "sales_order"), nothing)
    how = _how_named(evidence)
    if version is None:
        unknown = Because(f"{how} No order of that line is in force.", facts)
        known = Because(f"{how} The sales order is known from the shipment alone.", facts)
        return {**dict.fromkeys(_FROM_THE_ORDER, unknown), "sales_order": known}
    others = sum(each.retracted is None for each in line.versions) - 1
    last = f", the last of {others + 1}," if others else ""
    said = Because(f"{how} The version in force of that line{last} says so.", facts)
    left_out = Because(f"{how} The version in force of that line{last} leaves it out.", facts)
    keys = (*_FROM_THE_ORDER, "sales_order")
    return {key: left_out if row[key] is None else said for key in keys}


def _how_named(evidence: Evidence) -> str:
    line = evidence.claims.line
    assert line is not None
    several = len(evidence.naming)
    if several > 1:
        return (
            f"{several} order lines name the token; {line_name(line.key)} goes first: not cancelled ones do, then "
            "those with an order, then the one named last."
        )
    is_listed = any(naming.version is not None for naming in evidence.naming[line.key])
    by = "An order" if is_listed else "A shipment"
    return f"{by} lists the token under {line_name(line.key)}."


def _ship_date(evidence: Evidence) -> Because:
    shipped = evidence.shipped
    if shipped is None:
        return Because("No shipment in force lists the token.", ())
    sentence = (
        f"Shipment {shipped.key}, which lists the token, was shipped on {day(shipped.version.ship_date)}"
    )
    if len(evidence.claims.naming_shipments) > 1:
        sentence += f", the earliest of {len(evidence.claims.naming_shipments)}"
    return Because(f"{sentence}.", (shipped.cited,))


def _owner_cells(evidence: Evidence, at: int) -> dict[str, Because]:
    owner = evidence.owner_at(at)
    if owner is None:
        because = Because("No order version in force and no transfer says who owns the token.", ())
    elif not isinstance(owner.given_by, Transferred):
        because = Because(
            f"{owner.org_id} owns the token from the beginning: {_how_named(evidence)}", evidence.line_facts
        )
    elif owner is evidence.ownership.owners[0][1]:
        because = Because(
            f"No order is known for the token's line, so {owner.org_id}, the sender of the first transfer, is "
            "taken for the first owner; its name is not known.",
            (cite_own(owner.given_by),),
        )
    else:
        transfer = owner.given_by
        because = Because(
            f"{transfer.from_org_id} owned the token at {instant(transfer.instant)} and handed it to {owner.org_id}.",
            _chain(evidence, transfer),
        )
    return {"org_id": because, "org_name": because}


def _chain(evidence: Evidence, transfer: Transferred) -> tuple[Cited, ...]:
    """The transfer, and all that made its sender the owner."""
    chain = [cite_own(transfer)]
    for owner in reversed(evidence.owners_before(transfer)):
        given = owner.given_by
        chain.extend((cite_own(given),) if isinstance(given, Transferred) else evidence.line_facts)
    return tuple(dict.fromkeys(chain))


def _place_cells(evidence: Evidence, at: int) -> dict[str, Because]:
    keys = ("evse_id", "station_serial", "station_name", "applied_date")
    place = evidence.place_at(at)
    if place is None:
        return dict.fromkeys(keys, _nowhere(evidence, at))
    first = cite_own(place.first)
    station = place.station_serial
    applied = f"It was applied to station {station} at {instant(place.first.instant)} and is there since."
    zone = evidence.calendar.zone_name
    return {
        "evse_id": _said_by(place.evse_from, place, "EVSE"),
        "station_serial": Because(applied, (first,)),
        "station_name": _said_by(place.name_from, place, "station name"),
        "applied_date": Because(f"{applied} The date is that instant's in {zone}.", (first,)),
    }


def _said_by(application: Applied | None, place: Place, what: str) -> Because:
    if application is None:
        sentence = f"No application of the present stay on station {place.station_serial} names the {what}."
        return Because(sentence, (cite_own(place.first),))
    sentence = f"The last application of the present stay that names the {what} says so."
    return Because(sentence, (cite_own(application),))


def _nowhere(evidence: Evidence, at: int) -> Because:
    taken_off = [each for each in evidence.taken_off if each.fact.instant <= at]
    if not taken_off:
        return Because("At this instant it has not been applied to any station.", ())
    last = taken_off[-1]
    sentence = f"It was taken off station {last.station} at {instant(last.fact.instant)}."
    return Because(sentence, (cite_own(last.fact),))


def _term_cells(evidence: Evidence, at: int) -> dict[str, Because]:
    history = evidence.history
    start = history.start
    if start is None:
        because = Because("Nothing has started the term.", ())
        return {"activation_date": because, "expiration_date": because}
    started = start_because(evidence, start)
    if start.instant > at:
        because = Because(f"Empty before the term starts, at {instant(start.instant)}.", started.facts)
        return {"activation_date": because, "expiration_date": because}
    zone = evidence.calendar.zone_name
    activation = Because(f"{started.sentence} The date is that instant's in {zone}.", started.facts)
    if history.expiration_date is None:
        end = Because("No order version in force says how many years the term has.", started.facts)
    else:
        end = Because(end_sentence(evidence), end_facts(evidence))
    return {"activation_date": activation, "expiration_date": end}
