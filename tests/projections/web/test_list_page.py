"""The table of the report: the same parameters as the API's, the same rows."""

import random
from datetime import UTC, datetime

import asyncpg
import httpx

from projections.columns import STANDARD_COLUMNS, TOKENS
from tests.projections.read.companies import random_tokens
from tests.projections.read.stored import Stored, rows_at, store, token
from tests.projections.web.conftest import Open
from tests.projections.web.html import heads_of, problems_of, table_of

AT = datetime(2026, 5, 1, tzinfo=UTC)
EARLIER = datetime(2026, 1, 5, tzinfo=UTC)


async def _stored(writer: asyncpg.Connection, count: int) -> list[Stored]:
    stored = random_tokens(random.Random(5), count)
    await store(writer, *stored)
    return stored


def _shown(cell: object) -> str:
    if cell is None:
        return ""
    return "".join(cell) if isinstance(cell, list) else str(cell)


async def test_the_page_shows_the_22_columns_and_the_rows_of_the_report(
    writer: asyncpg.Connection, opened: Open
) -> None:
    expected = rows_at(await _stored(writer, 60), EARLIER)
    page = await opened("/", as_of="2026-01-05T00:00:00Z", columns="all,anomalies")
    assert heads_of(page) == [column.title_in("Pacific Time") for column in TOKENS.columns]
    # A parser of HTML makes one line end of the two that a cell may hold.
    shown = [[_shown(row[key]) for key in TOKENS.keys] for row in expected]
    assert table_of(page) == shown
    assert page.one("p", id="count").words == f"{len(expected)} tokens"


async def test_the_22_columns_are_shown_where_none_are_named(
    opened: Open, writer: asyncpg.Connection
) -> None:
    await store(writer, token("ST-1", AT))
    assert heads_of(await opened("/")) == [column.title_in("Pacific Time") for column in STANDARD_COLUMNS]


async def test_pages_follow_each_other_to_the_end(writer: asyncpg.Connection, opened: Open) -> None:
    expected = [row["token_serial"] for row in rows_at(await _stored(writer, 90), EARLIER)]
    address, shown = "/?as_of=2026-01-05T00:00:00Z&columns=token_serial&limit=20", []
    while address:
        page = await opened(address)
        shown += [row[0] for row in table_of(page)]
        following = page.all("a", rel="next")
        address = following[0]["href"] if following else ""
    assert shown == expected


async def test_a_click_on_a_title_sorts_up_then_down_then_not(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await store(writer, *(token(f"ST-{each}", AT, cloud_plan=plan) for each, plan in enumerate("bca")))
    page = await opened("/?columns=cloud_plan")
    states = []
    for _ in range(4):
        [head] = page.one("thead").all("th")
        states.append((head.attributes.get("aria-sort"), [row[0] for row in table_of(page)]))
        page = await opened(head.one("a")["href"])
    assert states == [
        (None, ["b", "c", "a"]),
        ("ascending", ["a", "b", "c"]),
        ("descending", ["c", "b", "a"]),
        (None, ["b", "c", "a"]),
    ]


async def test_a_form_of_filters_leads_to_the_address_of_the_report(client: httpx.AsyncClient) -> None:
    fields: list[tuple[str, str | int | float | bool | None]] = [
        ("f.column", "org_name"),
        ("f.operator", "contains"),
        ("f.value", "50%:a&b"),
        ("f.column", "station_serial"),
        ("f.operator", "is_empty"),
        ("f.value", "left over"),
        ("f.column", ""),
        ("f.operator", "contains"),
        ("f.value", ""),
        ("match", "any"),
        ("sort", "-order_date"),
    ]
    answer = await client.get("/", params=fields)
    assert answer.status_code == 303
    assert httpx.URL(answer.headers["location"]).params.multi_items() == [
        ("filter", "org_name:contains:50%:a&b"),
        ("filter", "station_serial:is_empty"),
        ("match", "any"),
        ("sort", "-order_date"),
    ]


async def test_the_date_that_a_relative_one_stands_for_is_said(opened: Open) -> None:
    filters = "filter=order_date:before:today%2B90d&filter=order_date:in:today,2026-01-01"
    page = await opened(f"/?{filters}&as_of=2026-03-01T07:00:00Z")
    [first, second, _clear] = page.one("ul", class_="chips").all("li")
    assert first.words == "Order Date Before today+90d (2026-05-29) ×"
    assert second.words == "and Order Date Is One Of today, 2026-01-01 (2026-02-28, 2026-01-01) ×"
    plain = await opened("/?filter=order_date:before:2026-03-01&filter=org_id:is:today")
    assert plain.one("ul", class_="chips").all("span", class_="quiet") == []


async def test_a_list_may_be_typed_with_blanks_after_its_commas(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await store(writer, *(token(f"ST-{each}", AT, cloud_plan=plan) for each, plan in enumerate("ab,c")))
    fields = {"f.column": "cloud_plan", "f.operator": "in", "columns": "cloud_plan"}
    assert table_of(await opened("/", **fields, **{"f.value": " a ,  c,d "})) == [["a"], ["c"]]
    page = await opened("/", **fields, **{"f.value": r"\, , b"})
    assert table_of(page) == [["b"], [","]]
    assert page.all("li", class_="filter-row")[0].one("input")["value"] == r"\,,b"


async def test_what_is_applied_is_said_and_each_can_be_taken_away(
    writer: asyncpg.Connection, opened: Open
) -> None:
    await store(writer, token("ST-1", AT, cloud_plan="Fleet"), token("ST-2", AT, cloud_plan="Home"))
    page = await opened("/?filter=cloud_plan:is:fleet&filter=token_serial:contains:st&columns=token_serial")
    assert table_of(page) == [["ST-1"]]
    [first, second, _clear] = page.one("ul", class_="chips").all("li")
    assert first.words == "Cloud Plan Is fleet ×"
    assert second.words == "and Token S/N Contains st ×"
    assert table_of(await opened(first.one("a")["href"])) == [["ST-1"], ["ST-2"]]


async def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(opened: Open) -> None:
    page = await opened(
        "/", 422, **{"f.column": "token_serial", "f.operator": "before", "f.value": '"><b>2026', "limit": "7"}
    )
    row = page.all("li", class_="filter-row")[0]
    [told] = problems_of(row)
    assert told.startswith("'token_serial' is a text column, which has no operator 'before'")
    assert "contains, does_not_contain" in told
    assert row.one("input")["value"] == '"><b>2026'
    assert [each["value"] for each in row.all("option", selected="")] == ["token_serial", "before"]
    assert "Nothing is shown" in page.one("p", class_="nothing").words
    assert page.all("input", type="hidden", name="limit")[0]["value"] == "7"


async def test_every_wrong_parameter_is_told_with_what_exists(opened: Open) -> None:
    page = await opened("/?columns=nope&sort=nope&as_of=yesterday&match=some&limit=0&colour=red", 422)
    told = " ".join(problems_of(page))
    for part in ("'nope'", "'yesterday' is no instant", "all or any", "from 1 to 1000", "'colour'"):
        assert part in told
    assert "<code>" not in told


async def test_a_wrong_instant_is_told_beside_its_field(opened: Open) -> None:
    page = await opened("/?as_of=yesterday", 422)
    field = page.one("input", id="as-of")
    assert (field["aria-invalid"], field["value"]) == ("true", "")
    assert "'yesterday' is no instant" in page.one("div", id=field["aria-describedby"]).words
    assert len(problems_of(page)) == 1


async def test_a_column_or_operator_that_does_not_exist_stays_in_its_field(opened: Open) -> None:
    page = await opened("/?filter=colour:like:red", 422)
    row = page.all("li", class_="filter-row")[0]
    assert [each["value"] for each in row.all("option", selected="")] == ["colour", "like"]


async def test_columns_are_shown_hidden_moved_and_remembered(
    client: httpx.AsyncClient, writer: asyncpg.Connection, opened: Open
) -> None:
    await store(writer, token("ST-1", AT))
    chosen = {"c.order": ["status", "org_id", "token_serial"], "c.show": ["status", "token_serial"]}
    page = await opened("/", **chosen)
    assert heads_of(page) == ["Status", "Token S/N"]
    assert heads_of(await opened("/")) == ["Status", "Token S/N"]
    page = await opened("/", **chosen, **{"c.move": "up:token_serial"})
    assert heads_of(page) == ["Token S/N", "Status"]
    page = await opened("/", **chosen, **{"c.all": "1"})
    assert len(heads_of(page)) == 22
    assert len(heads_of(await opened("/"))) == 22


async def test_an_instant_of_the_wall_clock_is_one_of_the_zone(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", params={"at.local": "2026-03-02T07:00", "filter": "status:is:New"})
    assert httpx.URL(answer.headers["location"]).params.multi_items() == [
        ("filter", "status:is:New"),
        ("as_of", "2026-03-02T15:00:00Z"),
    ]


async def test_another_empty_filter_leaves_what_was_typed(opened: Open) -> None:
    fields = {"f.column": "org_id", "f.operator": "is", "f.value": "ORG", "f.more": "1"}
    page = await opened("/", **fields)
    assert [row.one("input")["value"] for row in page.all("li", class_="filter-row")] == ["ORG", "", ""]


async def test_exports_are_of_the_address(opened: Open, writer: asyncpg.Connection) -> None:
    await store(writer, token("ST-1", AT))
    page = await opened("/?filter=org_id:is_empty&columns=status&sort=status&limit=50")
    links = [link["href"] for link in page.all("a", data_export="") if "format=csv" in link["href"]]
    assert links == [
        "/api/export?filter=org_id:is_empty&sort=status&columns=status&format=csv",
        "/api/export?filter=org_id:is_empty&sort=status&columns=all&format=csv",
    ]
