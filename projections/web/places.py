"""What the head of each page leads to."""

from typing import NamedTuple

from projections.web.listed import LISTED_PAGES


class Place(NamedTuple):
    """A page, by its address and its title."""

    path: str
    title: str


PLACES = (
    *(Place(each.path, each.title) for each in LISTED_PAGES),
    Place("/transfer", "Transfer"),
    Place("/apply", "Apply"),
)
