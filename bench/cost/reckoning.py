"""The arithmetic from what was measured to a billion tokens, and to stations that boot twice a day."""

from dataclasses import dataclass

from bench.cost.disk import Disk

TOKENS = 1_000_000_000
YEARS = 10
STATIONS = 100_000
BOOTS_A_DAY = 2
BOOTS_A_YEAR = STATIONS * BOOTS_A_DAY * 365
RUSH_MINUTES = 10
"""Within so many all stations boot, once power or the network is back."""

_MEGA, _GIGA, _TERA = 1e6, 1e9, 1e12
_YEAR_SECONDS = 365 * 86_400
_HOUR_SECONDS = 3_600


@dataclass(frozen=True, slots=True)
class Work:
    """What an event takes of one worker, Postgres and the broker, on a backlog: seconds of CPU, and bytes of WAL."""

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
    """Bytes by token and by further event, with a row of titles: tables, the topics, and all of Postgres."""
    rows = [
        [
            "",
            "B a token",
            "of these indexes",
            "B a further event",
        ]
    ]
    for name, short in disks.short.tables.items():
        long = disks.long.tables[name]
        cells = (disks.a_token(short.every), disks.a_token(short.indexes))
        rows.append([f"`{name}`", *_whole(*cells, disks.a_further_event(short.every, long.every))])
    every = (disks.a_token(disks.short.every), disks.a_token(disks.short.indexes))
    rows.append(["Postgres", *_whole(*every, disks.a_further_event(disks.short.every, disks.long.every))])
    topics = disks.a_further_event(disks.short.topics, disks.long.topics)
    rows.append(["the topics", *_whole(disks.a_token(disks.short.topics)), "", *_whole(topics)])
    return rows


def reckoned(disks: Disks, work: Work) -> list[list[str]]:
    """Each figure with the arithmetic that leads to it, with a row of titles."""
    token, index = disks.a_token(disks.short.every), disks.a_token(disks.short.indexes)
    boot = disks.a_further_event(disks.short.every, disks.long.every)
    topic = disks.a_further_event(disks.short.topics, disks.long.topics)
    history = TOKENS * disks.events_a_token
    rush = STATIONS / (RUSH_MINUTES * 60)
    per_core = 1 / work.cpu_seconds
    every_event = history + YEARS * BOOTS_A_YEAR
    return [
        ["", "from", "comes to"],
        ["Postgres: the tokens", f"{TOKENS:,} × {token:,.0f} B", f"{TOKENS * token / _TERA:.2f} TB"],
        ["of it indexes", f"{TOKENS:,} × {index:,.0f} B", f"{TOKENS * index / _GIGA:,.0f} GB"],
        ["boots a year", f"{STATIONS:,} × {BOOTS_A_DAY} × 365", f"{BOOTS_A_YEAR / _MEGA:.0f} M"],
        [
            "Postgres: a year of them",
            f"{BOOTS_A_YEAR:,} × {boot:,.0f} B",
            f"{BOOTS_A_YEAR * boot / _GIGA:,.0f} GB",
        ],
        [
            f"the topics after {YEARS} years, one replica",
            f"({history:,.0f} + {YEARS} × {BOOTS_A_YEAR:,}) × {topic:,.0f} B",
            f"{every_event * topic / _GIGA:,.0f} GB",
        ],
        ["events/s of a core", f"1 / {work.cpu_seconds * _MEGA:.1f} µs", f"{per_core:,.0f}"],
        [
            "boots a second, on average",
            f"{BOOTS_A_YEAR:,} / {_YEAR_SECONDS:,} s",
            f"{BOOTS_A_YEAR / _YEAR_SECONDS:.1f}",
        ],
        [
            f"all stations boot within {RUSH_MINUTES} minutes",
            f"{STATIONS:,} / {RUSH_MINUTES * 60} s",
            f"{rush:,.0f} events/s, {rush / per_core:.1%} of a core",
        ],
        [
            f"sold and applied over {YEARS} years",
            f"{history:,.0f} / {YEARS} years",
            f"{history / (YEARS * _YEAR_SECONDS):.1f} events/s",
        ],
        [
            "the first import of all",
            f"{history:,.0f} / {work.events_per_second:,.0f} events/s of one worker",
            f"{history / work.events_per_second / _HOUR_SECONDS:,.0f} h",
        ],
        [
            "its write-ahead log",
            f"{history:,.0f} × {work.wal_bytes:,.0f} B",
            f"{history * work.wal_bytes / _TERA:.2f} TB",
        ],
        [
            "the boots of a year, read again",
            f"{BOOTS_A_YEAR:,} / {work.events_per_second:,.0f} events/s of one worker",
            f"{BOOTS_A_YEAR / work.events_per_second / _HOUR_SECONDS:.1f} h",
        ],
    ]


def _whole(*amounts: float) -> list[str]:
    return [f"{amount:,.0f}" for amount in amounts]
