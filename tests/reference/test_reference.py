"""What the reference says beyond rows, and what it reads with: worked out by hand too."""

import datetime

import pytest

from tests.events import activated, applied, order, returned, shipped, transferred, with_data
from tests.reference.calendar import Calendar
from tests.reference.histories import ZONE, batches, random_history, shuffled
from tests.reference.instants import instant, written
from tests.reference.minimise import minimised
from tests.reference.rules import boundary_instants, history_of, refused_transfers, status_instants

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("2026-03-02T07:00:00+05:45", "2026-03-02T01:15:00Z"),
        ("2026-03-02T23:30:00-08:00", "2026-03-03T07:30:00Z"),
        ("2026-03-02t07:00:00.5z", "2026-03-02T07:00:00.500000Z"),
        ("2026-03-02T07:00:00.1234567Z", "2026-03-02T07:00:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_instants_are_read_and_written(text: str, utc: str) -> None:
    assert written(instant(text)) == utc


def test_an_instant_is_in_microseconds() -> None:
    assert instant("1970-01-02T00:00:00.000001Z") == 24 * HOUR + 1


@pytest.mark.parametrize(
    ("zone", "date", "midnight"),
    [
        (ZONE, "2026-03-08", "2026-03-08T08:00:00Z"),
        (ZONE, "2026-03-09", "2026-03-09T07:00:00Z"),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z"),
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z"),
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z"),
        ("America/Asuncion", "2023-10-01", "2023-10-01T04:00:00Z"),
        ("America/Asuncion", "2024-03-24", "2024-03-24T04:00:00Z"),
        ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
        ("Pacific/Kiritimati", "2026-01-01", "2025-12-31T10:00:00Z"),
        ("Etc/GMT+12", "2026-01-01", "2026-01-01T12:00:00Z"),
        # Samoa had no 30 December 2011.
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
    ],
)
def test_a_midnight_is_the_first_instant_of_its_date(zone: str, date: str, midnight: str) -> None:
    assert written(Calendar(zone).midnight(datetime.date.fromisoformat(date))) == midnight


def test_refused_transfers_have_their_reasons_in_own_order() -> None:
    same = transferred(from_org="ORG-9", to_org="ORG-9", at="2026-05-03T00:00:00Z")
    stranger = transferred(from_org="ORG-9", at="2026-05-02T00:00:00Z")
    good = transferred(from_org="ORG-1", to_org="ORG-2", at="2026-05-01T00:00:00Z")
    refused = refused_transfers([order(), same, stranger, good], ZONE)["T1"]
    assert [(refusal.id, refusal.reason) for refusal in refused] == [
        (stranger["id"], "not_owner"),
        (same["id"], "same_org"),
    ]


def test_the_instants_of_the_stages() -> None:
    events = [order(), shipped(), applied(), activated(), returned(at="2027-06-01T00:00:00Z")]
    stages = status_instants(events, ZONE)["T1"]
    assert {name: at and written(at) for name, at in stages.items()} == {
        "new": "2026-01-10T08:00:00Z",
        "available": "2026-02-01T08:00:00Z",
        "active": "2026-03-05T16:00:00Z",
        "expired": "2027-03-06T08:00:00Z",
        "gone": "2027-06-01T00:00:00Z",
    }


def test_a_row_changes_at_the_stages_and_the_spans_and_at_nothing_else() -> None:
    refused = transferred(from_org="ORG-9", at="2026-04-01T00:00:00Z")
    again = applied(at="2026-04-02T00:00:00Z")
    events = [order(), shipped(), applied(), activated(), refused, again, transferred()]
    assert [written(moment) for moment in boundary_instants(events, ZONE)] == [
        "2026-01-10T08:00:00Z",
        "2026-02-01T08:00:00Z",
        "2026-03-02T16:00:00Z",
        "2026-03-05T16:00:00Z",
        "2026-05-01T16:00:00Z",
        "2027-03-06T08:00:00Z",
    ]


def test_spans_meet_and_none_is_empty() -> None:
    at = "2026-05-01T16:00:00Z"
    events = [
        order(),
        applied(station="S1"),
        applied(station="S2", at=at, id="1"),
        applied(station="S3", at=at, id="2"),
        transferred(at=at),
    ]
    spans = history_of(events, ZONE)["T1"].spans()
    found = [
        (
            span.starts_at and written(span.starts_at),
            span.owner and span.owner.org_id,
            span.place and span.place.station,
        )
        for span in spans
    ]
    assert found == [
        (None, "ORG-1", None),
        ("2026-03-02T16:00:00Z", "ORG-1", "S1"),
        (at, "ORG-2", "S3"),
    ]
    assert [span.ends_at for span in spans] == [*(span.starts_at for span in spans[1:]), None]


def test_a_history_is_its_seeds_and_its_delivery_has_all_of_it() -> None:
    history = random_history(7, tokens=4, length=40)
    assert history == random_history(7, tokens=4, length=40)
    assert history != random_history(8, tokens=4, length=40)
    identities = {(event["source"], event["id"]) for event in history}
    assert len(identities) == len(history) == 40
    delivery = shuffled(history, seed=1, duplicates=0.5)
    assert len(delivery) > len(history)
    assert {(event["source"], event["id"]) for event in delivery} == identities
    assert all(event in history for event in delivery)
    cut = batches(delivery, seed=1)
    assert [event for batch in cut for event in batch] == delivery
    assert {len(batch) for batch in cut} <= set(range(1, 8))


def test_a_history_is_minimised_to_the_events_that_matter() -> None:
    history = random_history(3, length=20)
    wanted = [history[4], history[11]]
    assert minimised(history, lambda events: all(event in events for event in wanted)) == wanted


@pytest.mark.parametrize("absent", [None, ""])
def test_null_and_an_empty_text_are_absence(absent: str | None) -> None:
    plain = applied(id="1")
    event = plain | {"data": plain["data"] | {"station_name": absent, "evse_id": absent, "starts_at": absent}}
    row = history_of([event], ZONE)["T1"].row_at(instant("2026-04-01T00:00:00Z"))
    assert row == history_of([with_data(plain)], ZONE)["T1"].row_at(instant("2026-04-01T00:00:00Z"))
