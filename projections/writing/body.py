"""The bodies of requests that write: JSON objects of known fields, each checked by the rules of the events."""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from schemas.json_text import read, refuse_nul
from schemas.refusals import refused_fields, refused_type
from schemas.rules import RULES, Refused
from schemas.text import Text

ERRORS_SHOWN = 100
BODY_RULES: dict[str, str] = {
    **RULES,
    "unknown_field": "a body has the documented fields and no others",
    "too_many_items": "a request has at most so many items",
    "one_of_two": "the tokens stand in `token_serials` or in `items`, not in both",
}
"""What a body may break; most are rules of the events that come of it."""


class BodyError(NamedTuple):
    """What is wrong at one place: a key of `BODY_RULES`, a JSON pointer into the body, and a sentence or two."""

    rule: str
    pointer: str
    message: str

    @property
    def words(self) -> str:
        """The same to somebody who has its field before their eyes."""
        if self.rule == "missing":
            return "fill it in"
        words = self.message.removeprefix(f"{self.rule} at {self.pointer}: ")
        *_, last = self.pointer.split("/")
        return f"number {int(last) + 1}: {words}" if last.isdecimal() else words


class WrongBody(Exception):
    """The body is wrong; `errors` says everything that is, up to `ERRORS_SHOWN`."""

    def __init__(self, errors: Sequence[BodyError]) -> None:
        super().__init__("; ".join(each.message for each in errors[:3]))
        self.errors = list(errors[:ERRORS_SHOWN])


class Body(BaseModel):
    """What all bodies have in common."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


def _absent_if_empty(value: object) -> object:
    return None if value == "" else value


OptionalName = Annotated[Text | None, BeforeValidator(_absent_if_empty)]
Model = TypeVar("Model", bound=Body)


def parse_body(value: bytes) -> dict[str, Any]:
    """The JSON object of a body. Raises `WrongBody`."""
    try:
        document = read(value, "")
        if type(document) is not dict:
            raise refused_type("", document, "a JSON object")
        refuse_nul(value, document, "")
    except Refused as refused:
        raise WrongBody([body_error(refused)]) from None
    return document


def read_fields(model: type[Model], document: object, lists: Sequence[str], most_items: int) -> Model:
    """The fields of a body, of which those in `lists` have at most so many items. Raises `WrongBody`."""
    if type(document) is dict:
        for name in lists:
            items = document.get(name)
            # Before the items are looked at: each wrong one would take memory of its own.
            if type(items) is list and len(items) > most_items:
                refused = Refused(
                    "too_many_items", f"/{name}", f"{len(items):,} are given: send {most_items:,}"
                )
                raise WrongBody([body_error(refused)])
    try:
        return model.model_validate(document)
    except ValidationError as error:
        raise WrongBody([body_error(each) for each in refused_fields(error, ERRORS_SHOWN)]) from None


def body_error(refused: Refused) -> BodyError:
    """The same, in a sentence."""
    where = refused.pointer or "the body"
    sentence = f"{refused.rule} at {where}: {BODY_RULES[refused.rule]}; {refused.remedy}"
    return BodyError(refused.rule, refused.pointer, sentence)
