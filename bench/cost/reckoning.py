"""The arithmetic from what was measured to a billion tokens, and to stations that boot twice a day."""

import math
from dataclasses import dataclass

from bench.cost.disk import Disk

TOKENS = 1_000_000_000
YEARS = 10
STATIONS = 100_000
BOOTS_A_DAY = 2
BOOTS_A_YEAR = STATIONS * BOOTS_A_DAY * 365
RUSH_MINUTES = 10
"""Within so many all stations boot, once power or the network is back."""

_SMALLEST_SHARE = 0.01
"""Of all bytes, that a table must have to be named."""
_MEGA, _GIGA, _TERA = 1e6, 1e9, 1e12
_YEAR_SECONDS = 365 * 86_400
_HOUR_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Work:
    """What an event takes of workers, Postgres and the broker together: seconds of CPU, and bytes of WAL."""

    events_per_second: float
    cpu_seconds: float
    wal_bytes: float


@dataclass(frozen=True, slots=True)
class Disks:
    """The same tokens twice: with what happens to them in their first months, and with many boots besides."""

    short: Disk
    long: Disk

    @property
    def events_a_token(self) -> float:
        """Of the short history."""
        return self.short.messages / self.short.tokens

    def a_token(self, amount: float) -> float:
        """An amount of the short history, by token."""
        return amount / self.short.tokens

    def a_further_event(self, short: float, long: float) -> float:
        """By how much an amount grows with each event of the long history that the short one has not."""
        share = self.long.tokens / self.short.tokens
        return (long - short * share) / (self.long.messages - self.short.messages * share)


def disk_table(disks: Disks) -> list[list[str]]:
    """Bytes by token and by further event, with a row of titles: tables, Postgres as a whole, and the topics."""
    short, long = disks.short.tables, disks.long.tables
    large = [name for name, size in short.items() if size.every > disks.short.every * _SMALLEST_SHARE]
    small = [name for name in short if name not in large]
    rows = [["", "B a token", "of these indexes", "B a further event"]]
    for title, names in (
        *((f"`{name}`", [name]) for name in large),
        ("the other tables", small),
        ("Postgres", list(short)),
    ):
        every = [sum(tables[name].every for name in names) for tables in (short, long)]
        indexes = sum(short[name].indexes for name in names)
        amounts = (disks.a_token(every[0]), disks.a_token(indexes), disks.a_further_event(*every))
        rows.append([title, *(f"{amount:,.0f}" for amount in amounts)])
    topics = disks.a_further_event(disks.short.topics, disks.long.topics)
    rows.append(["the topics", f"{disks.a_token(disks.short.topics):,.0f}", "", f"{topics:,.0f}"])
    return rows


def reckoned(disks: Disks, backlog: Work, imported: Work, single: Work) -> list[list[str]]:
    """Each figure with the arithmetic that leads to it, with a row of titles.

    `backlog` is of one worker, `imported` of the bulk import, `single` of one worker that changes random tokens of the
    largest table there was.
    """
    token, index = disks.a_token(disks.short.every), disks.a_token(disks.short.indexes)
    boot = disks.a_further_event(disks.short.every, disks.long.every)
    topic = disks.a_further_event(disks.short.topics, disks.long.topics)
    history = TOKENS * disks.events_a_token
    every_event = history + YEARS * BOOTS_A_YEAR
    rush, minutes = STATIONS / (RUSH_MINUTES * 60), f"{RUSH_MINUTES} minutes"
    boots, tokens = f"{BOOTS_A_YEAR:,}", f"{TOKENS:,}"
    return [
        ["", "from", "comes to"],
        ["Postgres: the tokens", f"{tokens} × {token:,.0f} B", f"{TOKENS * token / _TERA:.2f} TB"],
        ["of it indexes", f"{tokens} × {index:,.0f} B", f"{TOKENS * index / _TERA:.2f} TB"],
        ["boots a year", f"{STATIONS:,} × {BOOTS_A_DAY} × 365", boots],
        ["Postgres: a year of boots", f"{boots} × {boot:,.0f} B", f"{BOOTS_A_YEAR * boot / _GIGA:,.0f} GB"],
        [
            f"the topics after {YEARS} years, one replica",
            f"({history:,.0f} + {YEARS} × {boots}) × {topic:,.0f} B",
            f"{every_event * topic / _TERA:.2f} TB",
        ],
        [
            "events/s of a core, worker, Postgres and broker together",
            f"1 / {backlog.cpu_seconds * _MEGA:.1f} µs",
            f"{1 / backlog.cpu_seconds:,.0f}",
        ],
        ["boots, on average", f"{boots} / year", f"{BOOTS_A_YEAR / _YEAR_SECONDS:.1f} events/s"],
        [
            f"tokens sold and applied, over {YEARS} years",
            f"{history:,.0f} / {YEARS} years",
            f"{history / (YEARS * _YEAR_SECONDS):.1f} events/s",
        ],
        [f"all stations boot within {minutes}", f"{STATIONS:,} / {minutes}", f"{rush:,.0f} events/s"],
        [
            "workers for that",
            f"{rush:,.0f} / {single.events_per_second:,.0f} events/s of one, single events",
            f"{math.ceil(rush / single.events_per_second)}",
        ],
        [
            "the first import of all",
            f"{history:,.0f} / {imported.events_per_second:,.0f} events/s",
            f"{history / imported.events_per_second / _HOUR_SECONDS:,.0f} h",
        ],
        [
            "its write-ahead log",
            f"{history:,.0f} × {imported.wal_bytes:,.0f} B",
            f"{history * imported.wal_bytes / _TERA:.2f} TB",
        ],
        [
            "a year of boots, read again",
            f"{boots} / {backlog.events_per_second:,.0f} events/s of one worker",
            f"{BOOTS_A_YEAR / backlog.events_per_second / _HOUR_SECONDS:.1f} h",
        ],
    ]
