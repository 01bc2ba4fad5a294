"""Random tokens that tempt a query into mistakes: ties, empty cells, nasty text, instants close together."""

import random
from datetime import UTC, date, datetime, time, timedelta

from tests.projections.read.stored import Span, Stored, last_day

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = (
    None,
    "CPCLD",
    "cpcld",
    "100%",
    "100_",
    "1000",
    "a\\b",
    "a\\\\b",
    'say "hi"',
    "it's",
    "a,b",
    "a:b:c",
    "$1 and $2",
    "=1+1",
    "+49 30",
    "-5",
    "@sum",
    "\ttab",
    "\r\nlines\n",
    "line\nline",
    "Ärger",
    "ärger",
    "Σίσυφος",
    "İstanbul",
    "ǅ",
    "ﬀ",
    "🔌 plug",
    "\ue000",
    "Z",
    "a",
    "_",
    "'; drop table tokens; --",
    "null",
    "2026-01-01",
)
# Around the 29 February that most years have not, and around two turns of the year and later.
_OF_FEBRUARY = tuple(date(2024, 2, 28) + timedelta(days=day) for day in range(3))
_DATES = (*(date(2025, 12, 28) + timedelta(days=day) for day in range(15)), *_OF_FEBRUARY)
ANOMALIES = ("line_cancelled", "order_missing", "shipment_missing", "transfer_refused")


def random_tokens(dice: random.Random, count: int) -> list[Stored]:
    """Tokens whose spans and stages fall on few instants, so that many of them coincide."""
    return [_random_token(dice, number) for number in range(count)]


def random_instant(dice: random.Random) -> datetime:
    """One on which something happens to many tokens, or a microsecond beside it."""
    return _instant(dice) + timedelta(microseconds=dice.choice((-1, 0, 0, 1)))


def _instant(dice: random.Random) -> datetime:
    return BEGIN + timedelta(days=dice.randrange(12))


def _date(dice: random.Random) -> date | None:
    return dice.choice((None, *_DATES))


def _text(dice: random.Random) -> str | None:
    return dice.choice(TEXTS)


def _random_token(dice: random.Random, number: int) -> Stored:
    serial = (
        dice.choice(("ST-", "ST-", "ST", "ST_", "st-", "St-", "Ä", "=", "a,b ", "S@", "S[")) + f"{number:04}"
    )
    known_at = _instant(dice)
    ship_date, term_years = _date(dice), dice.choice((None, 1, 2, 10, 99))
    active_at = _term_start(dice, term_years) if dice.random() < 0.7 else None
    new_at = min(at for at in (known_at, _midnight(ship_date), active_at) if at is not None)
    changes = {known_at + timedelta(days=dice.randrange(1, 9)) for _ in range(dice.randrange(4))}
    spans = tuple(_random_span(dice, at) for at in sorted({new_at, *changes}))
    if dice.random() < 0.03:
        return Stored(serial, spans, None)
    activation_date = None if active_at is None else active_at.date()
    expiration_date = last_day(activation_date, term_years)
    applied = [span.starts_at for span in spans if span.applied_date is not None]
    return Stored(
        serial,
        spans,
        new_at,
        _earliest(_midnight(ship_date), *applied, active_at),
        active_at,
        None if expiration_date is None else _midnight(expiration_date + timedelta(days=1)),
        gone_at=max(new_at, _instant(dice)) if dice.random() < 0.1 else None,
        part_number=_text(dice),
        cloud_plan=_text(dice),
        description=_text(dice),
        term_years=term_years,
        token_type=_text(dice),
        activation_date=activation_date,
        expiration_date=expiration_date,
        purchase_order=_text(dice),
        sales_order=_text(dice),
        customer_reference=_text(dice),
        customer_name=_text(dice),
        customer_id=_text(dice),
        order_date=_date(dice),
        ship_date=ship_date,
        anomalies=sorted(dice.sample(ANOMALIES, dice.choice((0, 0, 0, 1, 2)))),
    )


def _term_start(dice: random.Random, term_years: int | None) -> datetime:
    """Now or so, or so many years ago that the term ends by now; or around a 29 February."""
    if dice.random() < 0.2:
        return datetime.combine(dice.choice(_OF_FEBRUARY), time.min, UTC)
    at = _instant(dice)
    return at if term_years not in (1, 2) or dice.random() < 0.5 else at.replace(year=at.year - term_years)


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min, UTC)


def _random_span(dice: random.Random, at: datetime) -> Span:
    org_id = dice.choice((None, "ORG-1", "ORG-2", "org-1"))
    org_name = None if org_id is None else _text(dice)
    station_serial = _text(dice) if dice.random() < 0.6 else None
    if station_serial is None:
        return Span(at, org_id, org_name)
    return Span(at, org_id, org_name, _text(dice), station_serial, _text(dice), at.date())
