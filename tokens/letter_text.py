"""Dead letters for people: in a list two lines each, alone with all that came."""

import base64
from collections.abc import Iterator

from projections.dead_letters.letter import Letter, State, WholeLetter
from projections.dead_letters.listing import LetterPage
from schemas.instants import format_instant
from tokens.report_table import cell_text


def page_lines(page: LetterPage) -> Iterator[str]:
    """The list, newest first."""
    for letter in page.letters:
        yield f"{letter.dead_letter}  {letter.rule}  {letter.place}  {format_instant(letter.recorded_at)}"
        yield f"    {cell_text(letter.message)}"
        yield from (f"    {line}" for line in _whereabouts(letter))
    noun = "dead letter" if len(page.letters) == 1 else "dead letters"
    yield f"{len(page.letters):,} {noun}" if page.letters else "no dead letters"
    if page.next is not None:
        yield f"older ones: --after {page.next}"


def letter_lines(whole: WholeLetter) -> Iterator[str]:
    """One letter with its message."""
    letter = whole.letter
    yield f"dead letter {letter.dead_letter}: {letter.rule} at {cell_text(letter.pointer) or 'the message'}"
    yield f"    {cell_text(letter.message)}"
    yield f"from       {letter.place}"
    yield f"published  {format_instant(letter.published_at)}"
    yield f"recorded   {format_instant(letter.recorded_at)}"
    if letter.source is not None:
        yield f"source     {cell_text(letter.source)}"
    if letter.id is not None:
        yield f"id         {cell_text(letter.id)}"
    if whole.recorded is not None:
        yield f"stands     the event of that source and id from {whole.recorded.place}, recorded " + (
            format_instant(whole.recorded.at)
        )
    yield f"state      {letter.state}"
    yield from (f"           {line}" for line in _whereabouts(letter))
    if whole.failed_again_as is not None:
        yield f"           failed again: dead letter {whole.failed_again_as}"
    yield f"key        {_shown(whole.key)}"
    for name, value in whole.headers:
        yield f"header     {cell_text(name)}: {_shown(value)}"
    if whole.value is None:
        yield "value      none"
    else:
        yield f"value      {len(whole.value):,} bytes" + ("" if _is_text(whole.value) else ", as base64")
        yield ""
        yield from (cell_text(line) for line in _readable(whole.value).split("\n"))


def _whereabouts(letter: Letter) -> Iterator[str]:
    if letter.requeued_from is not None:
        origin = letter.requeued_from
        yield f"requeued from {origin.place}, where it was dead letter {origin.dead_letter}"
    at = "" if letter.settled_at is None else f" {format_instant(letter.settled_at)}"
    if letter.state == State.REQUEUED:
        yield f"requeued{at} to {letter.requeued_to}" + (", corrected" if letter.edited else "")
    if letter.reason is not None:
        yield f"discarded{at if letter.state == State.DISCARDED else ''}: {cell_text(letter.reason)}"


def _shown(content: bytes | None) -> str:
    if content is None:
        return "none"
    return cell_text(_readable(content)) + ("" if _is_text(content) else " (base64)")


def _readable(content: bytes) -> str:
    return content.decode() if _is_text(content) else base64.b64encode(content).decode()


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
