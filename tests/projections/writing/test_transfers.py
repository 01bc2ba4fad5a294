"""What becomes of a transfer, judged by the rules before anything is written: each outcome, each warning."""

from projections.query.scope import Organizations
from projections.writing.asked import TransferItem
from projections.writing.judging import SOURCE
from projections.writing.results import REASONS, WARNINGS, TransferResult
from projections.writing.transfers import SERIALS_AN_EVENT, transfer_events
from tests import events
from tests.projections.recorder.conftest import Clock
from tests.projections.writing.conftest import Known, Previews
from tests.reference.instants import instant

ONE = Organizations(frozenset({"ORG-1"}))


def warnings(result: TransferResult) -> list[str]:
    found = [caution.warning for caution in result.cautions]
    assert set(found) <= WARNINGS.keys()
    return found


def reason(result: TransferResult) -> str | None:
    assert result.reason is None or result.reason in REASONS
    assert result.is_accepted is (result.reason is None)
    assert result.message
    return result.reason


async def test_the_present_owner_hands_it_over(known: Known, previews: Previews, clock: Clock) -> None:
    await known(events.order(["T1"]))
    result = await previews.transfer()
    assert (reason(result), warnings(result)) == (None, [])
    assert (result.from_org_id, result.from_org_name) == ("ORG-1", "Organization 1")
    assert (result.to_org_id, result.to_org_name) == ("ORG-2", "Name of ORG-2")
    assert result.transferred_at == clock.now
    assert result.message == (
        "goes from Organization 1 (ORG-1) to Name of ORG-2 (ORG-2) at 2026-07-01T12:00:00Z"
    )
    assert result.before is not None
    assert result.after == {**result.before, "org_id": "ORG-2", "org_name": "Name of ORG-2"}


async def test_the_owner_at_that_instant_hands_it_over(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]), events.transferred(["T1"], at="2026-05-01T16:00:00Z"))
    assert (await previews.transfer(to_org="ORG-3")).from_org_id == "ORG-2"
    earlier = await previews.transfer(to_org="ORG-3", at="2026-04-01T00:00:00Z")
    assert (reason(earlier), earlier.from_org_id) == (None, "ORG-1")


async def test_a_token_that_nobody_named(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]))
    result = await previews.transfer("T2")
    assert reason(result) == "unknown_token"
    assert (result.from_org_id, result.before, result.after) == (None, None, None)


async def test_a_token_known_by_facts_that_no_longer_count(known: Known, previews: Previews) -> None:
    order = events.order(["T1"])
    await known(order, events.retracted(order))
    assert reason(await previews.transfer()) == "not_in_force"
    assert reason(await previews.transfer(scope=ONE)) == "unknown_token", "nobody owns it"


async def test_the_second_time_in_one_request(known: Known, previews: Previews) -> None:
    await known(events.order(["T1", "T2"]))
    items = [TransferItem(serial, "ORG-2", "Two") for serial in ("T1", "T2", "T1")]
    results = await previews.transfers(*items)
    assert [reason(result) for result in results] == [None, None, "repeated_serial"]
    assert [result.token_serial for result in results] == ["T1", "T2", "T1"]


async def test_a_token_that_was_returned(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]), events.returned(["T1"], at="2026-06-01T16:00:00Z"))
    result = await previews.transfer()
    assert reason(result) == "gone"
    assert "2026-06-01T16:00:00Z" in result.message
    assert reason(await previews.transfer(at="2026-06-01T16:00:00Z")) == "gone"
    assert reason(await previews.transfer(at="2026-06-01T15:59:59.999999Z")) is None


async def test_to_the_one_who_owns_it(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]))
    result = await previews.transfer(to_org="ORG-1")
    assert (reason(result), result.message) == ("same_org", "T1 would go from ORG-1 to ORG-1 itself")
    assert reason(await previews.transfer(to_org="ORG-2", from_org="ORG-2")) == "same_org"


async def test_from_one_who_does_not_own_it(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]))
    result = await previews.transfer(from_org="ORG-9")
    assert reason(result) == "not_owner"
    assert (result.from_org_id, result.from_org_name) == ("ORG-1", "Organization 1"), "who owns it instead"
    assert "Organization 1 (ORG-1)" in result.message


async def test_of_a_token_whose_owner_nobody_knows(known: Known, previews: Previews) -> None:
    """The first transfer's sender is then taken for the owner, so it must be said."""
    await known(events.applied("T1", "S1"))
    result = await previews.transfer()
    assert reason(result) == "no_owner"
    assert "from_org_id" in result.message
    said = await previews.transfer(from_org="ORG-7")
    assert (reason(said), said.from_org_id, said.from_org_name) == (None, "ORG-7", None)
    assert said.after is not None
    assert said.after["org_id"] == "ORG-2"
    assert said.after["anomalies"] == ["order_missing", "shipment_missing"]


async def test_others_at_the_very_same_instant_are_before_or_after_it_in_own_order(
    known: Known, previews: Previews
) -> None:
    at = "2026-05-01T16:00:00Z"
    await known(events.order(["T1"]), events.transferred(["T1"], at=at, to_org="ORG-3", source="urn:z"))
    result = await previews.transfer(at=at)
    assert (reason(result), result.from_org_id, warnings(result)) == (None, "ORG-1", ["undoes"])
    await known(events.transferred(["T1"], at=at, to_org="ORG-4", source="urn:a"))
    result = await previews.transfer(at=at)
    assert (reason(result), result.from_org_id, warnings(result)) == (None, "ORG-4", [])
    assert reason(await previews.transfer(from_org="ORG-1", at=at)) == "not_owner"


async def test_a_later_transfer_of_the_past_stands(known: Known, previews: Previews) -> None:
    """Dated back between two others, it undoes the second."""
    await known(events.order(["T1"]), events.transferred(["T1"], at="2026-05-01T16:00:00Z"))
    result = await previews.transfer(to_org="ORG-3", at="2026-04-01T00:00:00Z")
    assert warnings(result) == ["undoes"]
    assert "from ORG-1 to ORG-2 at 2026-05-01T16:00:00Z" in result.cautions[0].message
    assert result.before is not None
    assert result.after is not None
    assert (result.before["org_id"], result.after["org_id"]) == ("ORG-2", "ORG-3")
    assert result.after["anomalies"] == ["transfer_refused"]


async def test_one_that_later_transfers_supersede(known: Known, previews: Previews) -> None:
    await known(
        events.order(["T1"]),
        events.transferred(["T1"], at="2026-05-01T16:00:00Z", from_org="ORG-5", to_org="ORG-6"),
    )
    result = await previews.transfer(to_org="ORG-5", at="2026-04-01T00:00:00Z")
    assert warnings(result) == ["superseded"], "it makes the refused one right"
    assert result.after is not None
    assert result.after["org_id"] == "ORG-6"


async def test_one_that_is_yet_to_come(known: Known, previews: Previews) -> None:
    await known(events.order(["T1"]))
    result = await previews.transfer(at="2026-08-01T00:00:00Z")
    assert (reason(result), warnings(result)) == (None, ["future"])
    assert result.before is not None
    assert result.after is not None
    assert (result.before["org_id"], result.after["org_id"]) == ("ORG-1", "ORG-2"), "as of then"


async def test_one_may_hand_over_ones_own_alone(known: Known, previews: Previews) -> None:
    await known(
        events.order(["T1"]),
        events.order(["T2"], sales_order="SO-2", org_id="ORG-2", org_name="Two"),
        events.transferred(["T1"], at="2026-05-01T16:00:00Z", to_org="ORG-3"),
    )
    three = Organizations(frozenset({"ORG-3"}))
    assert reason(await previews.transfer(scope=three)) is None
    assert reason(await previews.transfer(scope=ONE)) == "unknown_token", "it was theirs once"
    assert reason(await previews.transfer("T2", "ORG-9", scope=three)) == "unknown_token"


async def test_one_may_not_take_a_token_from_a_former_owner_by_dating_back(
    known: Known, previews: Previews
) -> None:
    await known(events.order(["T1"]), events.transferred(["T1"], at="2026-05-01T16:00:00Z"))
    two = Organizations(frozenset({"ORG-2"}))
    result = await previews.transfer(to_org="ORG-9", at="2026-04-01T00:00:00Z", scope=two)
    assert reason(result) == "not_owner"
    assert (result.from_org_id, result.from_org_name) == (None, None)
    assert "ORG-1" not in result.message
    said = await previews.transfer(to_org="ORG-9", from_org="ORG-1", at="2026-04-01T00:00:00Z", scope=two)
    assert reason(said) == "not_owner"


async def test_an_event_for_each_organization_that_hands_over(known: Known, previews: Previews) -> None:
    await known(
        events.order(["T1", "T2"]),
        events.order(["T3"], sales_order="SO-2", org_id="ORG-9", org_name="Nine"),
    )
    items = [TransferItem(serial, "ORG-2", "Two") for serial in ("T1", "T3", "T4", "T2")]
    items.append(TransferItem("T3", "ORG-2", "Two"))
    named, made = transfer_events(await previews.transfers(*items), "r")
    assert [event["data"]["token_serials"] for event in made] == [["T1", "T2"], ["T3"]]  # type: ignore[index]
    assert [event["data"]["from_org_id"] for event in made] == ["ORG-1", "ORG-9"]  # type: ignore[index]
    assert [result.event_id for result in named] == ["r/1", "r/2", None, "r/1", None]


def test_no_event_is_larger_than_a_message_may_be() -> None:
    results = [
        TransferResult(
            token_serial=f"{number:05}",
            reason=None,
            message="",
            from_org_id="A",
            from_org_name=None,
            to_org_id="B",
            to_org_name="B",
            transferred_at=instant("2026-05-01T16:00:00Z"),
        )
        for number in range(SERIALS_AN_EVENT + 1)
    ]
    named, made = transfer_events(results, "r")
    assert [len(event["data"]["token_serials"]) for event in made] == [SERIALS_AN_EVENT, 1]  # type: ignore[index]
    assert (named[0].event_id, named[-1].event_id) == ("r/1", "r/2")
    assert SERIALS_AN_EVENT * (128 * 4 + 3) < 4 * 1024 * 1024
    assert SOURCE == "urn:servicetokens:api"
