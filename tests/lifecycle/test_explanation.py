"""The sentences of an explanation, rule by rule."""

import pytest

from tests import events
from tests.events import Json
from tests.lifecycle.explaining import explained

AT = "2026-06-01T00:00:00Z"
ORDER, SHIPPED = events.order(), events.shipped()


@pytest.mark.parametrize(
    ("history", "sentence"),
    [
        ([ORDER], "waits for a shipment that lists it, or to be applied to a station"),
        ([ORDER, SHIPPED], "waits to be applied to a station"),
        ([ORDER, events.applied()], "waits for the first activation of station S1"),
        (
            [ORDER, SHIPPED, events.applied(at="2026-07-01T16:00:00Z", time=AT)],
            "waits for the first activation of station S1",
        ),
        (
            [ORDER, events.shipped(ship_date="2026-07-01", time=AT)],
            "becomes Available at 2026-07-01T07:00:00Z, when it is shipped or first applied",
        ),
        (
            [ORDER, events.applied(starts_at="2026-08-01T07:00:00Z"), events.activated()],
            "becomes Active at 2026-08-01T07:00:00Z, when its term starts",
        ),
        (
            [events.shipped(), events.applied(), events.activated()],
            "does not expire while no order of line 1 of SO-1 says how many years its term has",
        ),
        (
            [ORDER, events.applied(), events.activated(), events.returned()],
            "leaves the report at 2026-09-01T16:00:00Z, when it is returned",
        ),
    ],
)
def test_what_comes_next(history: list[Json], sentence: str) -> None:
    assert explained(*history, as_of=AT).status.next.sentence == sentence


def test_a_term_that_waited_for_its_starts_at_says_so() -> None:
    planned = events.applied(starts_at="2026-05-01T07:00:00Z")
    again = events.applied(at="2026-03-10T16:00:00Z", evse_id="E1")
    because = explained(ORDER, planned, again, events.activated("S1"), as_of=AT).cells["activation_date"]
    assert "it was to start no earlier than 2026-05-01T07:00:00Z" in because.sentence
    assert planned["id"] in {fact.id for fact in because.facts}


def test_a_place_says_where_the_token_was_before() -> None:
    off = events.unapplied(at="2026-05-01T16:00:00Z", station="S1")
    wrong = events.unapplied(at="2026-05-01T16:00:00Z", station="S7")
    because = explained(ORDER, events.applied(), wrong, off, as_of=AT).cells["station_serial"]
    assert because.sentence == "It was taken off station S1 at 2026-05-01T16:00:00Z."
    assert [fact.id for fact in because.facts] == [off["id"]]
    before = explained(ORDER, events.applied(), off, as_of="2026-02-01T00:00:00Z").cells["station_serial"]
    assert before.sentence == "At this instant it has not been applied to any station."


def test_an_owner_rests_on_every_transfer_before() -> None:
    first = events.transferred(at="2026-04-01T16:00:00Z")
    second = events.transferred(from_org="ORG-2", to_org="ORG-3", to_name="3", at="2026-05-01T16:00:00Z")
    because = explained(ORDER, first, second, as_of=AT).cells["org_id"]
    assert because.sentence == "ORG-2 owned the token at 2026-05-01T16:00:00Z and handed it to ORG-3."
    assert [fact.id for fact in because.facts] == [second["id"], first["id"], ORDER["id"]]


def test_a_first_owner_that_no_order_names_is_the_sender_of_the_first_transfer() -> None:
    first = events.transferred(at="2026-04-01T16:00:00Z", time="2026-03-01T16:00:00Z")
    because = explained(first, as_of="2026-03-15T00:00:00Z").cells["org_id"]
    assert "ORG-1, the sender of the first transfer, is taken for the first owner" in because.sentence


def test_each_refused_transfer_says_why() -> None:
    moved = events.transferred(at="2026-04-01T16:00:00Z")
    itself = events.transferred(from_org="ORG-2", to_org="ORG-2", at="2026-05-01T16:00:00Z")
    late = events.transferred(at="2026-05-02T16:00:00Z")
    explanation = explained(ORDER, moved, itself, late, as_of=AT)
    assert [(each.reason, each.sentence) for each in explanation.refused_transfers] == [
        ("same_org", "The transfer at 2026-05-01T16:00:00Z is from ORG-2 to itself."),
        (
            "not_owner",
            "The transfer at 2026-05-02T16:00:00Z is from ORG-1 to ORG-2, but ORG-2 owned the token then.",
        ),
    ]
    assert (
        explanation.anomalies["transfer_refused"].sentence
        == "2 transfers had no effect: not_owner, same_org."
    )


def test_a_correction_says_what_it_changed() -> None:
    before = events.shipped(["T1"], revision=1, ship_date="2026-02-01")
    after = events.shipped(["T2"], revision=2, ship_date="2026-02-03")
    [correction] = explained(ORDER, before, after).corrections
    assert (correction.replaced.id, correction.replaced_by.id) == (before["id"], after["id"])
    assert (
        correction.sentence
        == "changed: ship_date from 2026-02-01 to 2026-02-03; it lists the token no longer"
    )
