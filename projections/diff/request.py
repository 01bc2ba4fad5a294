"""What is asked of a diff, once it has been found right."""

import hashlib
from dataclasses import dataclass, replace

import orjson

from projections.query.report import Report


@dataclass(frozen=True, slots=True)
class DiffRequest:
    """The rows of a report at its `as_of` beside those at `since`, before it: instants in microseconds.

    The report's columns are those compared. `limit` tokens at most, whose serials come after `after`.
    """

    report: Report
    since: int
    limit: int
    after: str | None = None
    count: bool = False

    @property
    def before(self) -> Report:
        """The same report at the earlier instant, from whose date its relative dates count."""
        return replace(self.report, as_of=self.since)


def fingerprint(report: Report) -> bytes:
    """What a cursor belongs to; the columns too, since a token that differs in others alone is not listed."""
    identity = ["diff", [column.key for column in report.columns]]
    return hashlib.blake2b(orjson.dumps(identity), key=report.fingerprint(), digest_size=16).digest()
