"""What the list says of a station: covered until when, by which tokens, or since when not."""

import pytest

from projections.query.scope import Organizations
from tests import events
from tests.projections.lists.conftest import List, One, Record

ORDERED = events.order(["T1", "T2", "T3"])  # one year each, owned by ORG-1


async def test_a_station_is_covered_through_the_expiration_date_of_its_active_token(
    record: Record, station: One
) -> None:
    await record(ORDERED, events.applied("T1", station_name="Garage"), events.activated())
    assert await station() == {
        "station_serial": "S1",
        "station_name": "Garage",
        "org_id": "ORG-1",
        "org_name": "Organization 1",
        "coverage": "Covered",
        "started_on": "2026-03-05",
        "covered_until": "2027-03-05",
        "active_token": "T1",
        "queued_tokens": [],
        "gap_since": None,
        "overlapping_tokens": [],
        "active_tokens": ["T1"],
    }


async def test_a_term_without_known_years_covers_without_a_known_end(record: Record, station: One) -> None:
    await record(events.applied("T9"), events.activated())
    row = await station()
    assert (row["coverage"], row["covered_until"], row["org_id"]) == ("Covered", None, None)


async def test_a_queued_renewal_that_starts_when_the_term_ends_extends_the_cover(
    record: Record, station: One
) -> None:
    await record(
        ORDERED,
        events.applied("T1"),
        events.activated(),
        events.applied("T2", at="2026-06-01T16:00:00Z", starts_at="2027-03-06T08:00:00Z"),
        events.applied("T3", at="2026-05-01T16:00:00Z", starts_at="2028-01-01T08:00:00Z"),
    )
    row = await station()
    assert (row["covered_until"], row["queued_tokens"]) == ("2029-01-01", ["T2", "T3"])
    assert row["active_token"] == "T1"


async def test_a_renewal_that_starts_after_a_break_does_not(record: Record, station: One) -> None:
    await record(
        ORDERED,
        events.applied("T1"),
        events.activated(),
        events.applied("T2", starts_at="2027-03-06T08:00:00.000001Z"),
    )
    row = await station()
    assert (row["covered_until"], row["queued_tokens"]) == ("2027-03-05", ["T2"])


async def test_a_queued_token_that_later_starts_elsewhere_does_not_extend_the_cover(
    record: Record, stations: List
) -> None:
    await record(
        ORDERED,
        events.applied("T1"),
        events.activated(),
        events.applied("T2", starts_at="2027-03-01T08:00:00Z"),
        events.activated("S2"),
        events.applied("T2", "S2", at="2026-06-01T16:00:00Z", starts_at="2026-06-02T16:00:00Z"),
    )
    [row, _] = await stations("2026-05-01T00:00:00Z")
    assert (row["covered_until"], row["queued_tokens"]) == ("2027-03-05", ["T2"])


async def test_a_gap_begins_on_the_day_after_the_expiration_date(record: Record, station: One) -> None:
    await record(ORDERED, events.applied("T1"), events.activated())
    row = await station("2027-03-06T08:00:00Z")
    assert (row["coverage"], row["gap_since"], row["covered_until"]) == ("Gap", "2027-03-06", None)
    assert (row["active_token"], row["org_id"]) == (None, "ORG-1")
    assert (await station("2027-03-06T07:59:59.999999Z"))["coverage"] == "Covered"


@pytest.mark.parametrize(
    "left",
    [
        events.unapplied("T1", at="2026-06-02T05:00:00Z"),
        events.applied("T1", "S2", at="2026-06-02T05:00:00Z"),
        events.returned(["T1"], at="2026-06-02T05:00:00Z"),
    ],
    ids=["taken off", "moved away", "returned"],
)
async def test_a_gap_begins_on_the_local_date_on_which_the_token_left(
    left: events.Json, record: Record, stations: List
) -> None:
    await record(ORDERED, events.applied("T1", station_name="Garage"), events.activated(), left)
    row = (await stations())[0]
    assert (row["coverage"], row["gap_since"]) == ("Gap", "2026-06-01")
    assert (row["station_name"], row["org_id"], row["active_tokens"]) == ("Garage", "ORG-1", [])


async def test_a_station_that_started_without_any_token_has_a_gap_since_then(
    record: Record, station: One
) -> None:
    await record(events.activated())
    row = await station()
    assert (row["coverage"], row["started_on"], row["gap_since"]) == ("Gap", "2026-03-05", "2026-03-05")
    assert (row["station_name"], row["org_id"]) == (None, None)


async def test_a_gap_never_begins_before_the_station_started(record: Record, stations: List) -> None:
    await record(
        ORDERED,
        events.activated("S0", at="2026-02-01T16:00:00Z"),
        events.applied("T1", "S0", at="2026-02-02T16:00:00Z"),
        events.applied("T1", at="2026-02-03T16:00:00Z"),
        events.unapplied("T1", at="2026-02-04T16:00:00Z"),
        events.activated(),
    )
    assert [row["gap_since"] for row in await stations()] == ["2026-02-03", "2026-03-05"]


async def test_a_station_with_a_token_that_was_never_activated_waits(record: Record, station: One) -> None:
    await record(ORDERED, events.applied("T2", at="2026-04-01T16:00:00Z"), events.applied("T1"))
    row = await station()
    assert (row["coverage"], row["queued_tokens"], row["gap_since"]) == ("Waiting", ["T1", "T2"], None)
    assert (row["started_on"], row["org_id"]) == (None, "ORG-1")


async def test_a_station_that_never_started_and_lost_its_token_is_unused(
    record: Record, station: One
) -> None:
    await record(ORDERED, events.applied("T1"), events.unapplied("T1"))
    row = await station()
    assert (row["coverage"], row["org_id"], row["gap_since"]) == ("Unused", "ORG-1", None)


async def test_a_station_whose_application_was_retracted_is_not_listed(
    record: Record, stations: List
) -> None:
    mistake = events.applied("T1")
    await record(ORDERED, mistake, events.retracted(mistake))
    assert await stations() == []


async def test_tokens_on_the_whole_station_overlap(record: Record, station: One) -> None:
    await record(
        ORDERED,
        events.activated(),
        *(events.applied(serial, at=f"2026-03-1{serial[1]}T16:00:00Z") for serial in ("T1", "T2", "T3")),
    )
    row = await station()
    assert (row["active_token"], row["overlapping_tokens"]) == ("T3", ["T2", "T1"])
    assert row["active_tokens"] == ["T3", "T2", "T1"]


async def test_tokens_on_different_evses_do_not_overlap(record: Record, station: One) -> None:
    await record(
        ORDERED,
        events.activated(),
        events.applied("T1", evse_id="US*CPI*E1*1", at="2026-03-11T16:00:00Z"),
        events.applied("T2", evse_id="US*CPI*E1*2", at="2026-03-12T16:00:00Z"),
    )
    row = await station()
    assert (row["overlapping_tokens"], row["active_tokens"]) == ([], ["T2", "T1"])
    await record(events.applied("T3", evse_id="US*CPI*E1*1", at="2026-03-10T16:00:00Z"))
    assert (await station())["overlapping_tokens"] == ["T3"]


async def test_a_token_on_an_evse_overlaps_with_one_on_the_whole_station(
    record: Record, station: One
) -> None:
    await record(
        ORDERED,
        events.activated(),
        events.applied("T1", evse_id="US*CPI*E1*1", at="2026-03-11T16:00:00Z"),
        events.applied("T2", at="2026-03-12T16:00:00Z"),
    )
    assert (await station())["overlapping_tokens"] == ["T1"]


async def test_at_an_instant_in_the_past_a_station_is_as_it_was(record: Record, station: One) -> None:
    await record(ORDERED, events.applied("T1", station_name="Garage"), events.activated())
    before = await station("2026-03-05T15:59:59.999999Z")
    assert (before["coverage"], before["queued_tokens"], before["started_on"]) == ("Waiting", ["T1"], None)
    assert (await station("2026-03-05T16:00:00Z"))["coverage"] == "Covered"


async def test_before_anything_is_known_of_a_station_it_is_not_listed(record: Record, stations: List) -> None:
    await record(ORDERED, events.applied("T1"), events.activated("S2"))
    assert await stations("2026-03-02T15:59:59Z") == []
    assert [row["station_serial"] for row in await stations("2026-03-02T16:00:00Z")] == ["S1"]


async def test_the_owner_is_that_of_the_active_token_at_the_instant(record: Record, station: One) -> None:
    await record(
        events.order(["T1"], org_id="ORG-1"),
        events.order(["T2"], sales_order="SO-2", org_id="ORG-9"),
        events.applied("T1"),
        events.activated(),
        events.transferred(["T1"]),
        events.applied("T2", at="2026-06-01T16:00:00Z", starts_at="2027-03-06T08:00:00Z"),
    )
    assert (await station("2026-04-01T00:00:00Z"))["org_id"] == "ORG-1"
    assert ((await station())["org_id"], (await station())["org_name"]) == ("ORG-2", "Organization 2")


async def test_the_name_is_the_one_that_came_last_and_a_transfer_makes_none_newer(
    record: Record, station: One
) -> None:
    await record(
        ORDERED,
        events.applied("T1", station_name="Old name"),
        events.activated(),
        events.applied("T2", station_name="New name", at="2026-04-01T16:00:00Z"),
        events.transferred(["T1"], at="2026-05-01T16:00:00Z"),
    )
    assert (await station())["station_name"] == "New name"
    assert (await station("2026-03-20T16:00:00Z"))["station_name"] == "Old name"


async def test_an_activation_that_is_taken_back_starts_nothing(record: Record, stations: List) -> None:
    reported = events.activated()
    await record(ORDERED, events.applied("T1"), reported)
    await record(events.activated(at="2026-04-05T16:00:00Z"))
    await record(events.retracted(reported))
    assert [row["started_on"] for row in await stations()] == ["2026-04-05"]


async def test_an_organization_sees_its_own_stations_alone(record: Record, stations: List) -> None:
    await record(
        ORDERED,
        events.order(["T9"], sales_order="SO-9", org_id="ORG-9"),
        events.applied("T1"),
        events.applied("T9", "S9"),
        events.activated("S0"),
    )
    mine = await stations(scope=Organizations(frozenset({"ORG-9"})))
    assert [row["station_serial"] for row in mine] == ["S9"]


async def test_stations_are_filtered_and_sorted_by_coverage_in_its_order(
    record: Record, stations: List
) -> None:
    await record(
        ORDERED,
        events.activated("S-gap"),
        events.applied("T1", "S-covered"),
        events.activated("S-covered"),
        events.applied("T2", "S-waiting"),
        events.applied("T3", "S-unused"),
        events.unapplied("T3"),
    )
    listed = [row["station_serial"] for row in await stations(sort="coverage")]
    assert listed == ["S-gap", "S-waiting", "S-covered", "S-unused"]
    assert [row["station_serial"] for row in await stations(filters=["coverage:in:gap,Waiting"])] == [
        "S-gap",
        "S-waiting",
    ]
    assert [row["station_serial"] for row in await stations(filters=["queued_tokens:contains:t2"])] == [
        "S-waiting"
    ]
    soon = await stations(filters=["covered_until:before:today+250d"])
    assert [row["station_serial"] for row in soon] == ["S-covered"]
