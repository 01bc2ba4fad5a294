"""A serial stands once in an event, whatever the line, and so does a line: two could say two things."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic_core import PydanticCustomError

SERIALS_MAX = 10_000

Line = TypeVar("Line", bound=Any)


def each_serial_once(serials: tuple[str, ...]) -> tuple[str, ...]:
    """The serials as they came. Raises pydantic's error with the rule that they break."""
    if len(set(serials)) < len(serials):
        raise _broken("repeated_serial", _first_repeated(serials))
    return serials


def each_line_once(name_of: Callable[[Line], object]) -> Callable[[tuple[Line, ...]], tuple[Line, ...]]:
    """A validator of lines that are told apart by `name_of`, and of the serials that all of them name."""

    def validate(lines: tuple[Line, ...]) -> tuple[Line, ...]:
        names = [name_of(line) for line in lines]
        if len(set(names)) < len(names):
            raise _broken("repeated_line", _first_repeated(names), "line")
        serials = [serial for line in lines for serial in line.token_serials]
        if len(serials) > SERIALS_MAX:
            raise _broken("too_many_serials")
        if len(set(serials)) < len(serials):
            places = [
                (index, at) for index, line in enumerate(lines) for at in range(len(line.token_serials))
            ]
            index, at = places[_first_repeated(serials)]
            raise _broken("repeated_serial", index, "token_serials", at)
        return lines

    return validate


def _broken(rule: str, *path: str | int) -> PydanticCustomError:
    """`path` leads to the place, from the field that is validated on."""
    return PydanticCustomError("across_fields", "{rule}", {"rule": rule, "path": path})


def _first_repeated(values: Sequence[object]) -> int:
    """The index of the first value that stands before it, too. Some value must."""
    places: dict[object, int] = {}
    return next(index for index, value in enumerate(values) if places.setdefault(value, index) != index)
