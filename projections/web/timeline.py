"""A token's life as a picture: three lanes of time (status, owner, station), and the moments between."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.words import line_name
from lifecycle.stages import ACTIVE, EXPIRED, GONE, STAGES
from schemas.instants import format_instant

WIDTH = 1_000
"""Of the picture, in its own units."""
_DAY = 86_400_000_000
_MARGIN = 0.02
_LETTERS_WIDTH = 6.4


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, or will, at an instant (microseconds)."""

    at: int
    name: str
    detail: str
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """A stretch of a lane, from `x` on, `width` wide; `label` is empty where it has no room."""

    x: float
    width: float
    kind: str
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """`begins` and `ends` are the instants at the edges of the picture."""

    begins: int
    ends: int
    moments: list[Moment]
    lanes: list[tuple[str, list[Band]]]
    years: list[tuple[float, str]]

    def x(self, at: int) -> float:
        """Where an instant is in the picture; at its edge where it lies beyond."""
        return _x(at, self.begins, self.ends)


def timeline_of(evidence: Evidence, as_of: int, now: int) -> Timeline:
    """All that is known, past and to come."""
    moments = sorted(_moments(evidence), key=lambda moment: moment.at)
    instants = [*(moment.at for moment in moments), as_of, now]
    instants += [each for each in evidence.history.stages if each is not None]
    first, last = min(instants), max(instants)
    margin = max(int((last - first) * _MARGIN), _DAY)
    begins, ends = first - margin, last + margin
    lanes = [
        ("Status", _bands(_statuses(evidence), begins, ends)),
        ("Owner", _bands(_owners(evidence), begins, ends)),
        ("Station", _bands(_stations(evidence), begins, ends)),
    ]
    return Timeline(begins, ends, moments, lanes, _years(evidence, begins, ends))


def _moments(evidence: Evidence) -> Iterator[Moment]:
    version, line, stages = evidence.claims.version, evidence.claims.line, evidence.history.stages
    if version is not None and line is not None:
        ordered = date.fromordinal(version.order_date)
        yield Moment(evidence.calendar.midnight(ordered), "Ordered", f"on {ordered}, {line_name(line.key)}")
    shipped = evidence.shipped
    if shipped is not None:
        day = date.fromordinal(shipped.version.ship_date)
        yield Moment(shipped.midnight, "Shipped", f"on {day}, shipment {shipped.key}")
    for applied in evidence.applications:
        name = "" if applied.station_name is None else f", {applied.station_name}"
        yield Moment(applied.instant, "Applied", f"to station {applied.station_serial}{name}")
    for taken in evidence.taken_off:
        yield Moment(taken.fact.instant, "Taken off", f"station {taken.station}")
    if (started := stages[ACTIVE]) is not None:
        yield Moment(started, "Active", "the term started")
    refused = {refusal.transfer: refusal.reason for refusal in evidence.history.refusals}
    for transfer in evidence.transfers:
        detail = f"from {transfer.from_org_id} to {transfer.to_org_id}, {transfer.to_org_name}"
        if transfer in refused:
            yield Moment(transfer.instant, "Transfer refused", f"{detail} ({refused[transfer]})", True)
        else:
            yield Moment(transfer.instant, "Transferred", detail)
    if (expired := stages[EXPIRED]) is not None:
        yield Moment(expired, "Expires", f"{evidence.history.expiration_date} is covered in full")
    if (gone := stages[GONE]) is not None:
        yield Moment(gone, "Returned", "in no report from then on")


_Stretch = tuple[int, str | None, str, str]
"""From when; what kind (None: nothing is drawn); what it is called in short; and in full."""


def _statuses(evidence: Evidence) -> list[_Stretch]:
    found: list[_Stretch] = []
    for index, (stage, at) in enumerate(zip(STAGES, evidence.history.stages, strict=True)):
        later = [each for each in evidence.history.stages[index + 1 :] if each is not None]
        if at is not None and all(each > at for each in later):
            status = stage.status
            found.append((at, None if status is None else status.lower(), status or "", status or ""))
    return found


def _owners(evidence: Evidence) -> list[_Stretch]:
    found: list[_Stretch] = []
    for span in evidence.history.spans:
        owner = span.owner
        if owner is None:
            found.append((span.starts_at, None, "", ""))
        else:
            name = owner.org_name or owner.org_id
            found.append((span.starts_at, "owner", name, f"{name} ({owner.org_id})"))
    return _merged(found, evidence)


def _stations(evidence: Evidence) -> list[_Stretch]:
    found: list[_Stretch] = []
    for span in evidence.history.spans:
        place = span.place
        if place is None:
            found.append((span.starts_at, None, "", ""))
        else:
            name = place.station_name or place.station_serial
            found.append((span.starts_at, "station", name, f"{name} ({place.station_serial})"))
    return _merged(found, evidence)


def _merged(stretches: list[_Stretch], evidence: Evidence) -> list[_Stretch]:
    """One stretch where neighbours say the same, up to the token's return."""
    merged: list[_Stretch] = []
    for each in stretches:
        if not merged or merged[-1][1:] != each[1:]:
            merged.append(each)
    gone = evidence.history.stages[GONE]
    if gone is not None:
        merged = [each for each in merged if each[0] < gone]
        merged.append((gone, None, "", ""))
    return merged


def _bands(stretches: list[_Stretch], begins: int, ends: int) -> list[Band]:
    bands = []
    for index, (at, kind, name, full) in enumerate(stretches):
        until = stretches[index + 1][0] if index + 1 < len(stretches) else ends
        if kind is None:
            continue
        x = _x(at, begins, ends)
        width = max(_x(until, begins, ends) - x, 1.0)
        title = f"{full}, from {format_instant(at)}" + (
            f" to {format_instant(until)}" if until != ends else ""
        )
        bands.append(Band(round(x, 2), round(width, 2), kind, title, _fitting(name, width)))
    return bands


def _fitting(name: str, width: float) -> str:
    """As much of a name as has room in a band."""
    letters = int((width - 10) / _LETTERS_WIDTH)
    if len(name) <= letters:
        return name
    return f"{name[: letters - 1]}…" if letters > 4 else ""


def _years(evidence: Evidence, begins: int, ends: int) -> list[tuple[float, str]]:
    calendar = evidence.calendar
    first, last = calendar.local_date(begins).year, calendar.local_date(ends).year
    step = max((last - first) // 12, 1)
    midnights = [(year, calendar.midnight(date(year, 1, 1))) for year in range(first + 1, last + 1, step)]
    return [(round(_x(at, begins, ends), 2), str(year)) for year, at in midnights]


def _x(at: int, begins: int, ends: int) -> float:
    return min(max((at - begins) / (ends - begins), 0.0), 1.0) * WIDTH
