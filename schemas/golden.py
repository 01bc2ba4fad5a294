"""One golden example of every event type: the story of one order, told whole, every optional field filled in.

These are the hand-written originals; `schemas.generate` writes them to `schemas/examples/<type>/<version>/`.
"""

from typing import Any

ERP = "https://erp.example.com/orders"
WAREHOUSE = "https://erp.example.com/shipments"
PORTAL = "https://portal.example.com/tokens"
HEAD_END = "urn:example:head-end:eu-1"
SERVICE_TOKENS = "urn:servicetokens"


def _event(type_name: str, source: str, event_id: str, time: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": source,
        "type": type_name,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }


_EVENTS = (
    _event(
        "servicetokens.order.placed.v1",
        ERP,
        "SO-20418/2",
        "2026-01-15T16:20:00Z",
        {
            "sales_order": "SO-20418",
            "revision": 2,
            "purchase_order": "PO-7731",
            "customer_reference": "Garage renewal 2026",
            "customer_id": "C-1009",
            "customer_name": "Harbor Properties",
            "org_id": "ORG-553",
            "org_name": "Harbor Garages",
            "order_date": "2026-01-14",
            "lines": [
                {
                    "line": "1",
                    "part_number": "CLOUD-COM-3Y",
                    "cloud_plan": "Commercial",
                    "description": "Commercial cloud plan, 3 years, one port",
                    "term_years": 3,
                    "token_type": "Prepaid",
                    "quantity": 2,
                    "cancelled": False,
                    "token_serials": ["ST-4F7K-0001", "ST-4F7K-0002"],
                },
                {
                    "line": "2",
                    "part_number": "CLOUD-FLEET-1Y",
                    "cloud_plan": "Fleet",
                    "description": "Fleet cloud plan, 1 year, one port",
                    "term_years": 1,
                    "token_type": "Prepaid",
                    "quantity": 1,
                    "cancelled": False,
                    "token_serials": [],
                },
            ],
        },
    ),
    _event(
        "servicetokens.order.shipped.v1",
        WAREHOUSE,
        "SH-90210/1",
        "2026-02-03T09:00:00-08:00",
        {
            "shipment": "SH-90210",
            "revision": 1,
            "ship_date": "2026-02-03",
            "lines": [
                {
                    "sales_order": "SO-20418",
                    "line": "1",
                    "token_serials": ["ST-4F7K-0001", "ST-4F7K-0002"],
                },
                {"sales_order": "SO-20418", "line": "2", "token_serials": ["ST-9QX2-0001"]},
            ],
        },
    ),
    _event(
        "servicetokens.token.returned.v1",
        WAREHOUSE,
        "RMA-118",
        "2026-05-06T18:00:00Z",
        {
            "token_serials": ["ST-9QX2-0001"],
            "returned_at": "2026-05-06T17:42:00Z",
            "reason": "Ordered the wrong plan",
        },
    ),
    _event(
        "servicetokens.token.applied.v1",
        PORTAL,
        "apply-5501",
        "2026-03-02T07:00:00.250Z",
        {
            "token_serial": "ST-4F7K-0001",
            "station_serial": "254131000417",
            "station_name": "Garage North, level 2",
            "evse_id": "US*CPI*E123*1",
            "applied_at": "2026-03-02T07:00:00.250Z",
            "starts_at": "2026-03-10T00:00:00-08:00",
        },
    ),
    _event(
        "servicetokens.token.unapplied.v1",
        PORTAL,
        "unapply-5502",
        "2026-03-04T15:10:00Z",
        {
            "token_serial": "ST-4F7K-0002",
            "unapplied_at": "2026-03-04T15:10:00Z",
            "station_serial": "254131000418",
        },
    ),
    _event(
        "servicetokens.station.activated.v1",
        HEAD_END,
        "boot-254131000417-31",
        "2026-03-12T11:30:05.123456Z",
        {
            "station_serial": "254131000417",
            "activated_at": "2026-03-12T11:30:05.123456Z",
            "token_serial": "ST-4F7K-0001",
        },
    ),
    _event(
        "servicetokens.token.transferred.v1",
        PORTAL,
        "transfer-77",
        "2026-06-30T22:15:00Z",
        {
            "token_serials": ["ST-4F7K-0001", "ST-4F7K-0002"],
            "from_org_id": "ORG-553",
            "to_org_id": "ORG-601",
            "to_org_name": "Bayside Parking",
            "transferred_at": "2026-07-01T00:00:00-07:00",
        },
    ),
    _event(
        "servicetokens.event.retracted.v1",
        PORTAL,
        "retract-9",
        "2026-03-05T08:00:00Z",
        {"event_source": PORTAL, "event_id": "unapply-5502", "reason": "Taken from the wrong token"},
    ),
    _event(
        "servicetokens.token.status_changed.v1",
        SERVICE_TOKENS,
        "ST-4F7K-0001/3",
        "2026-03-12T11:30:06Z",
        {
            "token_serial": "ST-4F7K-0001",
            "from": "Available",
            "to": "Active",
            "at": "2026-03-12T11:30:05.123456Z",
            "cause": {"source": HEAD_END, "id": "boot-254131000417-31"},
            "org_id": "ORG-553",
            "station_serial": "254131000417",
        },
    ),
    _event(
        "servicetokens.token.expiring.v1",
        SERVICE_TOKENS,
        "ST-4F7K-0001/90/2029-03-13T07:00:00Z",
        "2028-12-13T08:00:01Z",
        {
            "token_serial": "ST-4F7K-0001",
            "expiration_date": "2029-03-12",
            "expires_at": "2029-03-13T07:00:00Z",
            "days_left": 90,
            "org_id": "ORG-601",
            "station_serial": "254131000417",
        },
    ),
)

GOLDEN: dict[str, dict[str, Any]] = {event["type"]: event for event in _EVENTS}
