"""What a field of an event's data may hold, kind by kind, and what is refused, where."""

from datetime import date
from typing import Any

import pytest

from schemas.events import (
    EventRetracted,
    OrderPlaced,
    OrderShipped,
    StationActivated,
    TokenApplied,
    TokenReturned,
    TokenTransferred,
    TokenUnapplied,
)
from schemas.instants import parse_instant
from schemas.topics import EVENT_TYPES
from tests.schemas.messages import ABSENT, encoded, golden, order, refused, shipment, taken

IDENTIFIERS = [
    ("order.placed", "sales_order"),
    ("order.placed", "customer_id"),
    ("order.placed", "org_id"),
    ("order.shipped", "shipment"),
    ("token.applied", "token_serial"),
    ("token.applied", "station_serial"),
    ("token.unapplied", "token_serial"),
    ("station.activated", "station_serial"),
    ("token.transferred", "from_org_id"),
    ("token.transferred", "to_org_id"),
    ("event.retracted", "event_id"),
]
OPTIONAL_IDENTIFIERS = [
    ("token.applied", "evse_id"),
    ("token.unapplied", "station_serial"),
    ("station.activated", "token_serial"),
]
TEXTS = [
    ("order.placed", "customer_name"),
    ("order.placed", "org_name"),
    ("token.transferred", "to_org_name"),
    ("event.retracted", "reason"),
]
OPTIONAL_TEXTS = [
    ("order.placed", "purchase_order"),
    ("order.placed", "customer_reference"),
    ("token.returned", "reason"),
    ("token.applied", "station_name"),
]
INSTANTS = [
    ("token.returned", "returned_at"),
    ("token.applied", "applied_at"),
    ("token.unapplied", "unapplied_at"),
    ("station.activated", "activated_at"),
    ("token.transferred", "transferred_at"),
]
DATES = [("order.placed", "order_date"), ("order.shipped", "ship_date")]
REQUIRED = [*IDENTIFIERS, *TEXTS, *INSTANTS, *DATES, ("event.retracted", "event_source")]
OPTIONAL = [
    *OPTIONAL_IDENTIFIERS,
    *OPTIONAL_TEXTS,
    ("order.placed", "revision"),
    ("order.shipped", "revision"),
    ("token.applied", "starts_at"),
]
LINE_TEXTS = ["part_number", "cloud_plan", "token_type"]

BLANKS = [" ", "\u00a0", "\u2003", "\u3000", "\u2028"]
CONTROLS = ["\t", "\n", "\r", "\x1b", "\x7f", "\x85", "\x9f"]


def test_every_field_of_every_type_is_in_these_tables() -> None:
    in_tables = {(name, field) for name, field in REQUIRED + OPTIONAL}
    for name, event_type in EVENT_TYPES.items():
        short = name.removeprefix("servicetokens.").removesuffix(".v1")
        for field, information in event_type.model.model_fields.items():
            if field not in ("lines", "token_serials"):
                assert (short, field) in in_tables
                assert information.is_required() == ((short, field) in REQUIRED)


def test_the_golden_order_is_read_field_by_field() -> None:
    data = taken(order()).data
    assert isinstance(data, OrderPlaced)
    assert (data.sales_order, data.revision, data.purchase_order) == ("SO-20418", 2, "PO-7731")
    assert (data.customer_id, data.customer_name) == ("C-1009", "Harbor Properties")
    assert (data.org_id, data.org_name) == ("ORG-553", "Harbor Garages")
    assert (data.customer_reference, data.order_date) == ("Garage renewal 2026", date(2026, 1, 14))
    line = data.lines[0]
    assert (line.line, line.part_number, line.cloud_plan) == ("1", "CLOUD-COM-3Y", "Commercial")
    assert (line.term_years, line.token_type, line.quantity, line.cancelled) == (3, "Prepaid", 2, False)
    assert line.description == "Commercial cloud plan, 3 years, one port"
    assert line.token_serials == ("ST-4F7K-0001", "ST-4F7K-0002")
    assert data.lines[1].token_serials == ()


def test_the_other_golden_events_are_read_field_by_field() -> None:
    shipped = taken(golden("order.shipped")).data
    assert isinstance(shipped, OrderShipped)
    assert (shipped.shipment, shipped.revision, shipped.ship_date) == ("SH-90210", 1, date(2026, 2, 3))
    assert (shipped.lines[1].sales_order, shipped.lines[1].line) == ("SO-20418", "2")
    returned = taken(golden("token.returned")).data
    assert isinstance(returned, TokenReturned)
    assert (returned.token_serials, returned.reason) == (("ST-9QX2-0001",), "Ordered the wrong plan")
    applied = taken(golden("token.applied")).data
    assert isinstance(applied, TokenApplied)
    assert applied.applied_at == parse_instant("2026-03-02T07:00:00.25Z")
    assert applied.starts_at == parse_instant("2026-03-10T08:00:00Z")
    assert (applied.station_name, applied.evse_id) == ("Garage North, level 2", "US*CPI*E123*1")
    unapplied = taken(golden("token.unapplied")).data
    assert isinstance(unapplied, TokenUnapplied)
    assert unapplied.station_serial == "254131000418"
    activated = taken(golden("station.activated")).data
    assert isinstance(activated, StationActivated)
    assert activated.token_serial == "ST-4F7K-0001"
    transferred = taken(golden("token.transferred")).data
    assert isinstance(transferred, TokenTransferred)
    assert (transferred.from_org_id, transferred.to_org_id) == ("ORG-553", "ORG-601")
    assert transferred.to_org_name == "Bayside Parking"
    retracted = taken(golden("event.retracted")).data
    assert isinstance(retracted, EventRetracted)
    assert (retracted.event_source, retracted.event_id) == (
        "https://portal.example.com/tokens",
        "unapply-5502",
    )


def test_unknown_fields_are_ignored() -> None:
    assert (
        taken(golden("token.applied", colour="green", nested={"a": [1, None]})).data
        == taken(golden("token.applied")).data
    )
    assert taken(order({"colour": "green"})).data == taken(order({})).data


def test_data_never_changes() -> None:
    data = taken(golden("token.applied")).data
    with pytest.raises(ValueError, match="frozen"):
        data.token_serial = "other"  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "field"), REQUIRED)
@pytest.mark.parametrize("nothing", [ABSENT, None, ""])
def test_a_required_field_is_neither_absent_nor_null_nor_empty(name: str, field: str, nothing: Any) -> None:
    assert refused(golden(name, **{field: nothing})) == ("missing", f"/data/{field}")


@pytest.mark.parametrize(("name", "field"), OPTIONAL)
@pytest.mark.parametrize("nothing", [ABSENT, None, ""])
def test_null_or_an_empty_text_in_an_optional_field_is_absence(name: str, field: str, nothing: Any) -> None:
    assert getattr(taken(golden(name, **{field: nothing})).data, field) is None


@pytest.mark.parametrize("field", ["description", "quantity"])
@pytest.mark.parametrize("nothing", [ABSENT, None, ""])
def test_so_it_is_in_a_line(field: str, nothing: Any) -> None:
    data = taken(order({field: nothing})).data
    assert isinstance(data, OrderPlaced)
    assert getattr(data.lines[0], field) is None


@pytest.mark.parametrize("nothing", [ABSENT, None, ""])
def test_a_line_is_not_cancelled_where_nothing_says_so(nothing: Any) -> None:
    data = taken(order({"cancelled": nothing})).data
    assert isinstance(data, OrderPlaced)
    assert data.lines[0].cancelled is False


@pytest.mark.parametrize(
    "field", ["line", "part_number", "cloud_plan", "term_years", "token_type", "token_serials"]
)
@pytest.mark.parametrize("nothing", [ABSENT, None])
def test_a_line_of_an_order_is_whole(field: str, nothing: Any) -> None:
    assert refused(order({}, {"line": "2", "token_serials": [], field: nothing})) == (
        "missing",
        f"/data/lines/1/{field}",
    )


@pytest.mark.parametrize("field", ["sales_order", "line", "token_serials"])
def test_a_line_of_a_shipment_is_whole(field: str) -> None:
    line = {"sales_order": "SO-1", "line": "1", "token_serials": []}
    del line[field]
    assert refused(shipment(line)) == ("missing", f"/data/lines/0/{field}")


@pytest.mark.parametrize(("name", "field"), [*REQUIRED, *OPTIONAL])
@pytest.mark.parametrize("other", [1.5, True, [], {}, ["x"]])
def test_a_value_of_another_type_is_refused(name: str, field: str, other: Any) -> None:
    assert refused(golden(name, **{field: other})) == ("wrong_type", f"/data/{field}")


@pytest.mark.parametrize(("name", "field"), [*IDENTIFIERS, *OPTIONAL_IDENTIFIERS, *TEXTS, *OPTIONAL_TEXTS])
def test_a_number_is_no_text(name: str, field: str) -> None:
    assert refused(golden(name, **{field: 4711})) == ("wrong_type", f"/data/{field}")


@pytest.mark.parametrize(("name", "field"), [*INSTANTS, ("token.applied", "starts_at"), *DATES])
@pytest.mark.parametrize("digits", [1772434800, 1772434800000, 0])
def test_digits_are_no_instant_and_no_date(name: str, field: str, digits: int) -> None:
    assert refused(golden(name, **{field: digits})) == ("wrong_type", f"/data/{field}")
    rule, pointer = refused(golden(name, **{field: str(digits)}))
    assert (rule, pointer) in [("not_instant", f"/data/{field}"), ("not_date", f"/data/{field}")]


@pytest.mark.parametrize(("name", "field"), [*INSTANTS, ("token.applied", "starts_at")])
def test_every_instant_keeps_the_rules_of_instants(name: str, field: str) -> None:
    for text, rule in [
        ("2026-03-02T07:00:00", "naive_instant"),
        ("2026-03-02 07:00:00Z", "not_instant"),
        ("2016-12-31T23:59:60Z", "leap_second"),
        ("1999-12-31T23:59:59Z", "out_of_range"),
        ("2100-01-01T00:00:00Z", "out_of_range"),
    ]:
        assert refused(golden(name, **{field: text})) == (rule, f"/data/{field}")


@pytest.mark.parametrize(("name", "field"), DATES)
def test_every_date_keeps_the_rules_of_dates(name: str, field: str) -> None:
    for text, rule in [
        ("2026-02-30", "not_date"),
        ("2026-03-02T00:00:00Z", "not_date"),
        ("1999-12-31", "out_of_range"),
        ("2100-01-01", "out_of_range"),
    ]:
        assert refused(golden(name, **{field: text})) == (rule, f"/data/{field}")


@pytest.mark.parametrize(("name", "field"), [*IDENTIFIERS, *OPTIONAL_IDENTIFIERS])
def test_an_identifier_has_1_to_128_characters(name: str, field: str) -> None:
    for character in ("x", "é", "😀"):
        text = 128 * character
        assert getattr(taken(golden(name, **{field: text})).data, field) == text
        assert refused(golden(name, **{field: text + character})) == ("too_long", f"/data/{field}")


@pytest.mark.parametrize(
    ("name", "field"), [*IDENTIFIERS, *OPTIONAL_IDENTIFIERS, ("event.retracted", "event_source")]
)
def test_an_identifier_has_no_surrounding_blanks_and_no_control_characters(name: str, field: str) -> None:
    for blank in BLANKS:
        for text in (blank + "x", "x" + blank):
            assert refused(golden(name, **{field: text})) == ("surrounding_blank", f"/data/{field}")
        assert getattr(taken(golden(name, **{field: f"x{blank}x"})).data, field) == f"x{blank}x"
    for control in CONTROLS:
        for text in (control + "x", "x" + control, f"x{control}x"):
            assert refused(golden(name, **{field: text})) == ("control_character", f"/data/{field}")


@pytest.mark.parametrize(
    "text", ["*", "US*CPI*E123*1", "a b", "Ü", "'; drop table tokens; --", "%_\\", "0", "\u200bx"]
)
def test_any_other_character_may_stand_in_an_identifier(text: str) -> None:
    assert taken(golden("token.applied", token_serial=text)).data.token_serial == text  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "field"), TEXTS)
def test_required_text_is_not_blank(name: str, field: str) -> None:
    for blank in [*BLANKS, "\n", " \t "]:
        assert refused(golden(name, **{field: blank})) == ("missing", f"/data/{field}")


@pytest.mark.parametrize("field", LINE_TEXTS)
def test_nor_is_it_in_a_line(field: str) -> None:
    for blank in ("", " "):
        assert refused(order({field: blank})) == ("missing", f"/data/lines/0/{field}")
    assert refused(order({field: 501 * "x"})) == ("too_long", f"/data/lines/0/{field}")


@pytest.mark.parametrize(("name", "field"), [*TEXTS, *OPTIONAL_TEXTS])
def test_other_text_has_at_most_500_characters_of_any_kind_but_nul(name: str, field: str) -> None:
    text = "😀\n\t" + 497 * " "
    assert getattr(taken(golden(name, **{field: text})).data, field) == text
    assert refused(golden(name, **{field: text + "x"})) == ("too_long", f"/data/{field}")
    assert refused(golden(name, **{field: "a\0b"})) == ("nul", f"/data/{field}")


@pytest.mark.parametrize("years", [1, 99, 1.0, 9.9e1])
def test_a_term_is_1_to_99_whole_years(years: float) -> None:
    data = taken(order({"term_years": years})).data
    assert isinstance(data, OrderPlaced)
    assert (data.lines[0].term_years, type(data.lines[0].term_years)) == (years, int)


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("term_years", 0, "out_of_range"),
        ("term_years", 100, "out_of_range"),
        ("term_years", -1, "out_of_range"),
        ("term_years", 1e300, "out_of_range"),
        ("term_years", 2.5, "wrong_type"),
        ("term_years", "3", "wrong_type"),
        ("term_years", True, "wrong_type"),
        ("quantity", 0, "out_of_range"),
        ("quantity", 2**63, "out_of_range"),
        ("quantity", 10**30, "out_of_range"),
        ("quantity", "1", "wrong_type"),
        ("quantity", False, "wrong_type"),
        ("cancelled", 0, "wrong_type"),
        ("cancelled", 1, "wrong_type"),
        ("cancelled", "true", "wrong_type"),
        ("cancelled", [], "wrong_type"),
    ],
)
def test_numbers_and_flags_of_a_line_are_what_they_say(field: str, value: Any, rule: str) -> None:
    assert refused(order({field: value})) == (rule, f"/data/lines/0/{field}")


@pytest.mark.parametrize("name", ["order.placed", "order.shipped"])
def test_a_revision_is_a_whole_number_from_0_on(name: str) -> None:
    for revision in (0, 1, 2**63 - 1, 7.0):
        data = taken(golden(name, revision=revision)).data
        assert isinstance(data, OrderPlaced | OrderShipped)
        assert (data.revision, type(data.revision)) == (revision, int)
    for revision in (-1, 2**63):
        assert refused(golden(name, revision=revision)) == ("out_of_range", "/data/revision")
    for other in (0.5, "1", False):
        assert refused(golden(name, revision=other)) == ("wrong_type", "/data/revision")


def test_a_float_that_is_only_near_the_number_written_is_no_whole_number() -> None:
    value = encoded(golden("order.placed", revision=-1)).replace(b'n": -1', b'n": 9007199254740993.0')
    assert refused(value) == ("wrong_type", "/data/revision")
