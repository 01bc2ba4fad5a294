"""A small company, as its systems told of it: what the tests in a browser look at."""

from tests.events import Json, activated, applied, order, order_line, shipped, transferred

HARBOR: Json = {"customer_name": "Harbor Parking", "org_name": "Harbor Parking"}
BAY: Json = {
    "org_id": "ORG-2",
    "org_name": "Bay Garages",
    "customer_id": "C-2",
    "customer_name": "Bay Garages",
}
NASTY = "ST-9 <i>\"'&%_\\ ‮עברית"
SERIALS = [f"ST-{number}" for number in range(1, 9)]


def company() -> list[Json]:
    """Two customers; tokens of every status on the first of June 2026; texts that tempt a page into mistakes."""
    commercial = order_line(SERIALS[:5], part_number="P-COM", quantity=6)
    fleet = order_line(["ST-6", "ST-7"], line="2", part_number="P-FLT", cloud_plan="Fleet", term_years=2)
    nasty = order_line([NASTY], cloud_plan="100% <b>Fleet</b>", description='=1+1, "two"\r\nlines')
    return [
        order(sales_order="SO-1", lines=[commercial, fleet], **HARBOR),
        order(sales_order="SO-2", lines=[nasty], **BAY),
        order(["ST-8"], sales_order="SO-3", order_date="2024-12-01", **HARBOR),
        shipped(SERIALS[:4]),
        shipped(["ST-8"], shipment="SH-2", ship_date="2024-12-05"),
        applied("ST-8", "CP-8", at="2024-12-20T16:00:00Z", station_name="Pier 8"),
        activated("CP-8", at="2024-12-21T16:00:00Z"),
        *(applied(f"ST-{each}", f"CP-{each}", station_name=f"Pier {each}") for each in (1, 2, 6)),
        *(activated(f"CP-{each}") for each in (1, 2, 6)),
        transferred(["ST-2"], to_org="ORG-2", to_name="Bay Garages"),
        transferred(["ST-3"], from_org="ORG-9"),
    ]
