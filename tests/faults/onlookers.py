"""Readers of the report while rows are rebuilt in another zone, who object to whatever is half made."""

import random
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx

from tests.faults.companies import Companies, Company
from tests.projections.recorder import stored
from tests.reference import rules
from tests.reference.instants import written
from tests.reference.rules import Row

INSTANTS = 20
LOOKED_AT = 2_000
BEHIND = 500

# Each row against the zone of the version that it says it has, and its parts against each other.
_DISAGREEING = """
with looked_at as materialized (
    select * from tokens where token_serial > $1 order by token_serial limit $2),
earlier as (
    select token_serial, max(ends_at) as ends_at,
        bool_and(starts_at is not distinct from before or before is null) as is_gapless
    from (
        select token_serial, starts_at, ends_at,
            lag(ends_at) over (partition by token_serial order by starts_at) as before
        from spans where token_serial in (select token_serial from looked_at)) as span
    group by token_serial)
select
    count(*) as looked_at,
    count(*) filter (where zone = $3) as rebuilt,
    min(token_serial) filter (where
        activation_date is distinct from (active_at at time zone zone)::date
        or expiration_date is distinct from (activation_date + make_interval(years => term_years))::date
        or expired_at is distinct from (expiration_date + 1)::timestamp at time zone zone
        or not coalesce(is_gapless, true)
        or (earlier.ends_at is not null and earlier.ends_at is distinct from span_starts_at)) as disagreeing
from looked_at join fold_versions using (fold_version) left join earlier using (token_serial)
"""


class Quiet:
    """Tokens to which nothing happens: the row of each, at some instants, before and after the rebuild.

    `former` and `latter` are the zones. Rows of one token that agree with neither as a whole, or that were of
    the latter once and are not any more, fail the run.
    """

    def __init__(self, companies: list[Company], former: str, latter: str, seed: int) -> None:
        self.companies = companies
        history = [event for company in companies for event in company.history]
        zones = [rules.history_of(history, zone) for zone in (former, latter)]
        boundaries = [rules.boundaries_from(histories) for histories in zones]
        chance = random.Random(seed)
        chosen = {each for some in boundaries for each in chance.sample(some, INSTANTS // 2)}
        self.instants = sorted({*chosen, max(max(some) for some in boundaries)})
        self._expected = [
            {serial: self._rows(histories[serial]) for serial in sorted(histories)} for histories in zones
        ]
        self.rebuilt: set[str] = set()
        self.rows_judged = 0

    def _rows(self, history: rules.History) -> dict[int, Row]:
        rows = {at: history.row_at(at) for at in self.instants}
        return {at: row for at, row in rows.items() if row is not None}

    @property
    def tokens(self) -> int:
        """How many there are."""
        return len(self._expected[0])

    @property
    def telling(self) -> int:
        """How many have other rows in the one zone than in the other."""
        former, latter = self._expected
        return sum(former[serial] != latter[serial] for serial in former)

    def judge(self, beginning: str, found: Mapping[str, Mapping[int, Row]], instants: list[int]) -> None:
        """Judge what one answer says of the tokens whose serials begin so: their rows, by the instants asked."""
        for serial in self._expected[0]:
            if not serial.startswith(beginning):
                continue
            before, after = (
                {at: row for at, row in side[serial].items() if at in instants} for side in self._expected
            )
            rows = found.get(serial, {})
            self.rows_judged += len(rows)
            assert rows in (before, after), f"{serial} is neither {before} nor {after} but {rows}"
            if before != after and rows == after:
                self.rebuilt.add(serial)
            assert rows == after or serial not in self.rebuilt, f"{serial} was rebuilt, and is not any more"


class Onlookers:
    """Ask again and again, by SQL and over HTTP, mostly about what is just being rebuilt."""

    def __init__(
        self, sql: asyncpg.Connection, api: str, companies: Companies, quiet: Quiet, latter: str, seed: int
    ) -> None:
        self._sql = sql
        self._http = httpx.AsyncClient(base_url=api, timeout=60)
        self._companies = companies
        self._quiet = quiet
        self._latter = latter
        self._chance = random.Random(seed)
        self._serials = sorted(serial for each in companies.old for serial in each.serials())
        self._in_report = 0
        self.rows_agreeing = 0
        self.mixed_ranges = 0
        self.seconds: dict[str, list[float]] = defaultdict(list)

    async def close(self) -> None:
        """Ask no more."""
        await self._http.aclose()

    def serial_at(self, share: float) -> str:
        """The serial before which this share of the old tokens lies."""
        return self._serials[int(len(self._serials) * share)]

    async def look(self) -> None:
        """One look of each kind but the dear ones."""
        through = await self._sql.fetchval("select max(rebuilt_through) from fold_versions")
        await self._rows_agree_in_themselves(through)
        company = self._company_near(through)
        await self.quiet_by_sql(company)
        await self._single_tokens(company)

    def _company_near(self, through: str | None) -> Company:
        companies = sorted(self._quiet.companies, key=lambda each: each.beginning)
        if through is None or self._chance.random() < 0.5:
            return self._chance.choice(companies)
        place = bisect_left([each.beginning for each in companies], through)
        return companies[min(max(place - self._chance.randint(0, 1), 0), len(companies) - 1)]

    async def _rows_agree_in_themselves(self, through: str | None) -> None:
        place = self._chance.randrange(len(self._serials))
        if through is not None and self._chance.random() < 0.7:
            place = bisect_left(self._serials, through)
        first = self._serials[min(max(place - BEHIND, 0), len(self._serials) - 1)]
        async with self._timed("SQL: 2,000 rows with their spans"):
            row = await self._sql.fetchrow(_DISAGREEING, first, LOOKED_AT, self._latter)
        assert row is not None
        assert row["disagreeing"] is None, f"{row['disagreeing']} disagrees in itself"
        self.rows_agreeing += row["looked_at"]
        self.mixed_ranges += 0 < row["rebuilt"] < row["looked_at"]

    async def quiet_by_sql(self, company: Company) -> None:
        """Judge a quiet company's rows, all instants in one statement."""
        serials = company.serials()
        async with self._timed("SQL: the report of 50 tokens at 21 instants"):
            rows = await self._sql.fetch(
                """
                select at, report.* from unnest($1::timestamptz[]) as at,
                    lateral (select * from service_tokens_at(at) where token_serial = any($2)) as report
                """,
                [stored.moment(at) for at in self._quiet.instants],
                serials,
            )
        moments = {stored.moment(at): at for at in self._quiet.instants}
        found: dict[str, dict[int, Row]] = defaultdict(dict)
        for row in rows:
            cells = {key: stored.shown(value) for key, value in row.items() if key != "at"}
            found[cells["token_serial"]][moments[row["at"]]] = cells
        self._quiet.judge(company.beginning, found, self._quiet.instants)

    async def _quiet_by_pages(self, company: Company) -> None:
        at = self._chance.choice(self._quiet.instants)
        asked = {
            "filter": f"token_serial:contains:{company.beginning}",
            "columns": ",".join((*rules.COLUMNS, "anomalies")),
            "as_of": written(at),
            "limit": "1000",
            "count": "true",
        }
        page = await self._get("/api/tokens", "API: a page of 50 tokens, found by text, and its count", asked)
        assert page["count"] == len(page["rows"])
        found = {row["token_serial"]: {at: row} for row in page["rows"]}
        self._quiet.judge(company.beginning, found, [at])

    async def _single_tokens(self, company: Company) -> None:
        at = self._quiet.instants[-1]
        serial = self._chance.choice(company.serials())
        known: dict[str, dict[int, Row]] = {}
        answer = await self._token(serial, {"as_of": written(at)})
        if answer is not None and answer["row"] is not None:
            known[serial] = {at: {**answer["row"], "anomalies": sorted(answer["anomalies"])}}
        self._quiet.judge(serial, known, [at])
        await self._token(self._chance.choice(self._serials), {})

    async def _token(self, serial: str, asked: dict[str, str]) -> Any:
        """What the API explains of a token; None for one of a cancelled line."""
        async with self._timed("API: a token, explained"):
            answer = await self._http.get(f"/api/tokens/{serial}", params=asked)
        assert answer.status_code in (200, 404), f"{serial}: {answer.text}"
        if answer.status_code == 404:
            assert answer.json()["title"] == "token not in force", answer.text
            return None
        return answer.json()

    async def look_at_everything(self) -> None:
        """What reads the whole report: all old tokens are in it, and stay there; a company's rows, found by text."""
        await self._quiet_by_pages(self._chance.choice(self._quiet.companies))
        newcomers = self._companies.newcomers.beginning
        async with self._timed("SQL: the whole report counted by status"):
            rows = await self._sql.fetch(
                "select status, count(*) from service_tokens where not starts_with(token_serial, $1) group by 1",
                newcomers,
            )
        in_report = sum(row["count"] for row in rows)
        assert in_report >= self._in_report, f"{in_report:,} tokens in the report, {self._in_report:,} before"
        self._in_report = in_report
        what = "API: a page of Active ones by expiration, and their count"
        asked = {"filter": "status:is:Active", "sort": "expiration_date", "count": "true"}
        page = await self._get("/api/tokens", what, asked)
        assert len(page["rows"]) == min(page["count"], 100)

    async def is_ready(self) -> bool:
        """Whether the API says that no rebuild is due."""
        return (await self._http.get("/readyz")).status_code == 200

    async def _get(self, path: str, what: str, asked: dict[str, str]) -> Any:
        async with self._timed(what):
            answer = await self._http.get(path, params=asked)
        assert answer.status_code == 200, f"{path} {asked}: {answer.text}"
        return answer.json()

    @asynccontextmanager
    async def _timed(self, what: str) -> AsyncIterator[None]:
        began = time.monotonic()
        yield
        self.seconds[what].append(time.monotonic() - began)
