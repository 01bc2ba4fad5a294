"""Small histories of the token ST-1, one for each status and each anomaly, that `docs/explain.md` shows explained."""

import copy
from typing import NamedTuple

from tests.events import (
    Json,
    activated,
    applied,
    order,
    order_line,
    retracted,
    returned,
    shipped,
    shipped_line,
    transferred,
)

SERIALS = ["ST-1", "ST-2"]
STATION = "CP-4471"


class Example(NamedTuple):
    """What to show: the heading, the events, and the instant asked about."""

    heading: str
    events: list[Json]
    as_of: str


def _order(**more: object) -> Json:
    fields: dict[str, object] = {
        "customer_name": "Harbor Parking",
        "org_name": "Harbor Parking",
        "customer_reference": None,
    }
    return order(**{"serials": SERIALS, **fields, **more})  # type: ignore[arg-type]


def _started() -> list[Json]:
    return [
        _order(),
        shipped(SERIALS),
        applied("ST-1", STATION, station_name="Pier 3"),
        activated(STATION),
    ]


def _active() -> list[Json]:
    """With a correction, a retraction and a transfer."""
    first = _order(lines=[order_line(SERIALS, term_years=2)])
    mistaken = applied("ST-1", "CP-9000", at="2026-02-20T16:00:00Z")
    moved = transferred(["ST-1"], to_org="ORG-2", to_name="Bay Garages")
    return [
        first,
        shipped(SERIALS),
        _order(time="2026-01-12T17:00:00Z"),
        mistaken,
        retracted(mistaken, reason="applied to the wrong station", time="2026-02-21T16:00:00Z"),
        *_started()[2:],
        moved,
    ]


def examples() -> list[Example]:
    """The examples, in the order of the document; their ids are the same in every run."""
    june, later = "2026-06-01T00:00:00Z", "2027-04-01T00:00:00Z"
    cancelled = order_line(["ST-1"], cancelled=True)
    fleet = order_line(["ST-1"], cloud_plan="Fleet")
    again = _order(sales_order="SO-2", lines=[fleet], order_date="2026-01-20")
    found = [
        Example("New", [_order()], june),
        Example("Available", [_order(), shipped(SERIALS), applied("ST-1", STATION)], june),
        Example("Active", _active(), june),
        Example("Expired", _started(), later),
        Example("In no report", [*_started(), returned(["ST-1"], reason="bought twice")], later),
        Example("activated_unapplied", [_order(), shipped(SERIALS), activated(STATION, token="ST-1")], june),
        Example("claimed_by_two_lines", [_order(), again], june),
        Example("line_cancelled", [_order(lines=[cancelled]), shipped(["ST-1"])], june),
        Example("order_missing", [shipped(lines=[shipped_line(["ST-1"], sales_order="SO-7")])], june),
        Example(
            "plan_changed_in_term", [*_started(), _order(lines=[fleet], time="2026-04-01T17:00:00Z")], june
        ),
        Example("shipment_missing", [_order(), applied("ST-1", STATION)], june),
        Example("shipped_before_ordered", [_order(), shipped(SERIALS, ship_date="2026-01-05")], june),
        Example("transfer_refused", [_order(), transferred(["ST-1"], from_org="ORG-3")], june),
    ]
    return [example._replace(events=_numbered(example.events)) for example in found]


def _numbered(events: list[Json]) -> list[Json]:
    ids = {event["id"]: f"e-{number}" for number, event in enumerate(events, 1)}
    numbered = copy.deepcopy(events)
    for event in numbered:
        event["id"] = ids[event["id"]]
        if "event_id" in event["data"]:
            event["data"]["event_id"] = ids[event["data"]["event_id"]]
    return numbered
