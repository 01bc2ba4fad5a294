"""What becomes of an application, judged by the rules before anything is written: each outcome, each warning."""

from projections.query.scope import Organizations
from projections.writing.applications import application_events
from projections.writing.asked import ApplicationItem
from projections.writing.results import REASONS, WARNINGS, ApplicationResult
from tests import events
from tests.projections.recorder.conftest import Clock
from tests.projections.writing.conftest import Known, Previews
from tests.reference.instants import instant


def warnings(result: ApplicationResult) -> list[str]:
    found = [caution.warning for caution in result.cautions]
    assert set(found) <= WARNINGS.keys()
    return found


def reason(result: ApplicationResult) -> str | None:
    assert result.reason is None or result.reason in REASONS
    assert result.is_accepted is (result.reason is None)
    assert result.message
    return result.reason


async def test_on_a_station_that_is_yet_to_report(known: Known, previews: Previews, clock: Clock) -> None:
    await known(events.order(["T1"]), events.shipped(["T1"]))
    result = await previews.apply(name="Bay 1", evse_id="US*1")
    assert (reason(result), warnings(result)) == (None, [])
    assert result.message == (
        "goes on station S1 at 2026-07-01T12:00:00Z; its term starts when the station reports that it is active"
    )
    assert (result.applied_at, result.term_starts_at, result.expiration_date) == (clock.now, None, None)
    assert result.from_station_serial is None
    assert result.before is not None
    assert result.after == {
        **result.before,
        "station_serial": "S1",
        "station_name": "Bay 1",
        "evse_id": "US*1",
        "applied_date": "2026-07-01",
    }


async def test_on_a_station_that_is_active(known: Known, previews: Previews, clock: Clock) -> None:
    await known(events.order(["T1"]), events.shipped(["T1"]), events.activated("S1"))
    result = await previews.apply()
    assert (reason(result), warnings(result)) == (None, [])
    assert (result.term_starts_at, result.expiration_date) == (clock.now, "2027-07-01")
    assert "its term starts from 2026-07-01T12:00:00Z through 2027-07-01" in result.message
    assert result.after is not None
    assert (result.after["status"], result.after["expiration_date"]) == ("Active", "2027-07-01")


async def test_a_renewal_that_starts_later(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]), events.shipped(["T1"]), events.activated("S1"))
    result = await previews.apply(starts_at="2026-09-01T07:00:00Z")
    assert (result.term_starts_at, result.expiration_date) == (instant("2026-09-01T07:00:00Z"), "2027-09-01")
    assert result.after is not None
    assert result.after["status"] == "Available"


async def test_from_one_station_to_another(known: Known, previews: Previews) -> None:
    await known(
        events.order(["T1"]),
        events.shipped(["T1"]),
        events.applied("T1", "S1", station_name="Old"),
        events.activated("S1"),
    )
    result = await previews.apply(station="S2")
    assert (reason(result), warnings(result)) == (None, ["moves"])
    assert (result.from_station_serial, result.from_station_name) == ("S1", "Old")
    assert "moves from station S1 to S2" in result.message
    assert "its term runs from 2026-03-05T16:00:00Z through 2027-03-05" in result.message


async def test_a_plan_that_is_not_known_yet(known: Known, previews: Previews) -> None:
    await known(events.shipped(["T1"]), events.activated("S1"))
    result = await previews.apply()
    assert (result.term_starts_at is not None, result.expiration_date) == (True, None)
    assert "for how long is not known yet" in result.message


async def test_a_token_whose_term_is_over(known: Known, previews: Previews) -> None:
    """The rules put it there all the same: the report follows where things are."""
    await known(
        events.order(["T1"], order_date="2024-01-10"),
        events.applied("T1", "S1", at="2024-03-02T16:00:00Z"),
        events.activated("S1", at="2024-03-05T16:00:00Z"),
    )
    result = await previews.apply(station="S2")
    assert (reason(result), warnings(result)) == (None, ["moves", "expired"])
    assert result.expiration_date == "2025-03-05"


async def test_on_the_station_where_it_is_already(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]), events.applied("T1", "S1", station_name="Bay 1"))
    assert reason(await previews.apply()) == "no_change"
    assert reason(await previews.apply(name="Bay 1")) == "no_change"
    renamed = await previews.apply(name="Bay 2")
    assert (reason(renamed), warnings(renamed)) == (None, [])
    assert "stays on station S1" in renamed.message
    assert reason(await previews.apply(evse_id="US*1")) is None
    assert reason(await previews.apply(starts_at="2026-12-01T00:00:00Z")) is None, (
        "a term may start later by it"
    )
    assert reason(await previews.apply(at="2026-02-20T00:00:00Z")) is None, "it is there from earlier on"


async def test_one_that_later_events_supersede(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]), events.applied("T1", "S1"), events.unapplied("T1"))
    result = await previews.apply(station="S2", at="2026-02-20T00:00:00Z")
    assert (reason(result), warnings(result)) == (None, ["superseded"])
    assert "on no station" in result.cautions[0].message
    await known(events.applied("T1", "S9", at="2026-06-20T00:00:00Z"))
    result = await previews.apply(station="S2", at="2026-02-20T00:00:00Z")
    assert "on station S9" in result.cautions[0].message


async def test_one_that_is_yet_to_come(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]))
    result = await previews.apply(at="2026-08-01T00:00:00Z")
    assert (reason(result), warnings(result)) == (None, ["future"])
    assert result.after is not None
    assert result.after["station_serial"] == "S1", "as of then"


async def test_what_cannot_be_applied(known: Known, previews: Previews) -> None:
    order = events.order(["T3"], sales_order="SO-3")
    await known(
        events.order(["T1", "T2"]),
        order,
        events.retracted(order),
        events.returned(["T2"], at="2026-06-01T16:00:00Z"),
    )
    items = [ApplicationItem(serial, "S1") for serial in ("T1", "T2", "T3", "T4", "T1")]
    results = await previews.applications(*items)
    assert [reason(result) for result in results] == [
        None,
        "gone",
        "not_in_force",
        "unknown_token",
        "repeated_serial",
    ]
    assert all(result.before is result.after is None for result in results[1:])
    named, made = application_events(results, "r")
    assert [result.event_id for result in named] == ["r/1", None, None, None, None]
    assert [event["data"] for event in made] == [
        {"token_serial": "T1", "station_serial": "S1", "applied_at": "2026-07-01T12:00:00Z"}
    ]


async def test_one_may_apply_ones_own_alone(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]), events.transferred(["T1"], at="2026-05-01T16:00:00Z"))
    one, two = (Organizations(frozenset({org})) for org in ("ORG-1", "ORG-2"))
    assert reason(await previews.apply(scope=one)) == "unknown_token"
    assert reason(await previews.apply(scope=two)) is None
    dated_back = await previews.apply(at="2026-04-01T00:00:00Z", scope=two)
    assert reason(dated_back) == "not_owner", "it was another's then"
