"""What writing a row costs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one row: microseconds of Postgres's CPU and bytes of WAL, put in and changed; bytes of disk of all it adds."""

    name: str
    put_us: float
    put_wal: float
    change_us: float
    change_wal: float
    disk: float
