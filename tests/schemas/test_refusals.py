"""A refusal tells the rule, the place, what to do, and which event it is, and is brief."""

from schemas.rules import RULES
from tests.schemas.messages import (
    STRUCTURED,
    binary,
    encoded,
    golden,
    invalid,
    refused,
    with_attributes,
)

APPLIED = golden("token.applied")


def test_a_refusal_names_the_event_where_it_can_be_read() -> None:
    wrong = golden("token.applied", applied_at="yesterday")
    for value, headers in ((encoded(wrong), STRUCTURED), binary(wrong)):
        read = invalid(value, headers)
        assert (read.source, read.id) == ("https://portal.example.com/tokens", "apply-5501")
    broken_data = invalid(b"{", binary(APPLIED)[1])
    assert (broken_data.source, broken_data.id) == ("https://portal.example.com/tokens", "apply-5501")
    for value, headers in (
        (encoded(golden("token.applied", unknown="\0")), STRUCTURED),
        binary(golden("token.applied", unknown="\0")),
    ):
        assert invalid(value, headers).id == "apply-5501"
    unreadable = invalid(encoded(with_attributes(APPLIED, source="a\0", id=7)))
    assert (unreadable.source, unreadable.id) == (None, None)
    assert invalid(encoded(with_attributes(APPLIED, id=129 * "x"))).id is None


def test_a_refusal_says_the_rule_the_place_and_what_to_do() -> None:
    read = invalid(encoded(golden("token.applied", applied_at="2026-03-02T07:00:00", station_serial="")))
    assert read.message == (
        "missing at /data/station_serial: a required field is there, and is neither null nor blank; "
        "fill it in (also naive_instant at /data/applied_at)"
    )
    read = invalid(encoded(golden("token.applied", applied_at="2026-03-02T07:00:00")))
    assert RULES["naive_instant"] in read.message
    assert '"2026-03-02T07:00:00"' in read.message
    assert "write an RFC 3339 instant with its zone" in read.message


def test_the_first_fault_is_by_the_order_of_the_contract_s_fields() -> None:
    event = golden("token.applied", starts_at=1, applied_at=1, token_serial=1)
    event["data"] = dict(reversed(event["data"].items()))
    assert refused(event) == ("wrong_type", "/data/token_serial")
    also = "(also wrong_type at /data/applied_at, wrong_type at /data/starts_at)"
    assert also in invalid(encoded(event)).message


def test_a_message_with_a_million_faults_is_refused_briefly() -> None:
    event = golden("token.returned", token_serials=[0] * 1_000_000)
    read = invalid(encoded(event))
    assert (read.rule, read.pointer) == ("wrong_type", "/data/token_serials/0")
    assert len(read.message) < 500
    assert "more" not in read.message
    lines = golden("order.placed", lines=[{}] * 500_000)
    also = [
        f"missing at /data/lines/0/{field}"
        for field in ("part_number", "cloud_plan", "term_years", "token_type")
    ]
    assert f"(also {', '.join(also)}, 1 more)" in invalid(encoded(lines)).message
    assert len(invalid(encoded(golden("token.applied", applied_at="x" * 1_000_000))).message) < 500
    assert len(invalid(encoded(with_attributes(APPLIED, type="x" * 1_000_000))).message) < 500
