"""Why a term started when it did, and when it ends."""

from lifecycle.explanation.evidence import Evidence
from lifecycle.explanation.words import Because, Cited, cite_activation, cite_own, instant
from lifecycle.facts import Activated, Applied
from lifecycle.term import Start


def start_because(evidence: Evidence, start: Start) -> Because:
    """The candidate that was the earliest."""
    if isinstance(start.activation, Activated):
        activation = start.activation
        return Because(
            f"The term started at {instant(start.instant)}, when station {activation.station_serial} was activated "
            "with this token, which was not at that station then.",
            (cite_own(activation),),
        )
    application = start.application
    assert application is not None
    station = application.station_serial
    reasons = [
        f"it was applied to station {station} at {instant(application.instant)}",
        f"the first activation ever of that station was at {instant(start.activation.activated_at)}",
    ]
    facts = [cite_own(application), cite_activation(station, start.activation)]
    planned = _starts_at(evidence, application)
    if planned is not None and planned.starts_at == start.instant:
        reasons.append(f"it was to start no earlier than {instant(start.instant)}")
        if planned is not application:
            facts.append(cite_own(planned))
    sentence = f"The term started at {instant(start.instant)}, the latest of these: {'; '.join(reasons)}."
    return Because(sentence, tuple(facts))


def end_sentence(evidence: Evidence) -> str:
    """When the term ends. The caller knows that it does."""
    history, zone = evidence.history, evidence.calendar.zone_name
    assert history.version is not None
    assert history.expiration_date is not None
    years = history.version.term_years
    span = f"{years} year{'s' * (years != 1)}"
    return (
        f"The term runs {span} from {history.activation_date}, the local date of its start, to "
        f"{history.expiration_date}, which is covered to the end of that day in {zone}."
    )


def end_facts(evidence: Evidence) -> tuple[Cited, ...]:
    """The facts that the end of the term rests on."""
    start = evidence.history.start
    assert start is not None
    facts = (*evidence.line_facts, *start_because(evidence, start).facts)
    return tuple(dict.fromkeys(facts))


def _starts_at(evidence: Evidence, application: Applied) -> Applied | None:
    """The application that gave the `starts_at` that holds after this one: itself, or one before in its stay."""
    applications = evidence.stays.applications
    place = next(index for index, each in enumerate(applications) if each.fact is application)
    if applications[place].starts_at is None:
        return None
    before = (each.fact for each in reversed(applications[: place + 1]))
    return next(fact for fact in before if fact.starts_at is not None)
