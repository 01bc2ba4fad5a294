"""The report's parameters as options of the commands: the same names with hyphens, the same words."""

from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

import typer

from lifecycle.calendar import Calendar
from projections.listing import Listing
from projections.listings import LISTINGS
from projections.query.parameters import AS_OF, FILTER, MATCH, SELECTED, SORT
from projections.query.refusal import BadQuery, Refusal
from projections.query.scope import AllOrganizations, Scope
from tokens import clock
from tokens.failure import UsageFailure
from tokens.servers import effective_settings

Asked = TypeVar("Asked")

ListOption = Annotated[
    str | None,
    typer.Option(
        "--list", metavar="|".join(LISTINGS), help="What to list: the tokens of the report, unless named."
    ),
]
FilterOption = Annotated[list[str] | None, typer.Option("--filter", metavar="FILTER", help=FILTER.doc)]
MatchOption = Annotated[str | None, typer.Option(metavar="all|any", help=MATCH.doc)]
ColumnsOption = Annotated[str | None, typer.Option(metavar="KEYS", help=SELECTED.doc)]
SortOption = Annotated[str | None, typer.Option(metavar="KEY", help=SORT.doc)]
AsOfOption = Annotated[str | None, typer.Option(metavar="INSTANT", help=AS_OF.doc)]


def listing_named(name: str | None) -> Listing:
    """What `--list` names. Raises UsageFailure with what exists."""
    listing = LISTINGS.get(name or "tokens")
    if listing is None:
        raise UsageFailure(f"--list: no list is called {name!r} (there are: {', '.join(LISTINGS)})")
    return listing


def parse_options(
    parse: Callable[[Sequence[tuple[str, str]], Scope, int, Calendar], Asked],
    filters: list[str] | None,
    **options: str | bool | None,
) -> Asked:
    """What the options ask for, read as the API reads its parameters. Raises UsageFailure with all errors."""
    pairs = [(FILTER.name, text) for text in filters or ()]
    for name, value in options.items():
        if value is not None and value is not False:
            pairs.append((name, "true" if value is True else value))
    try:
        return parse(pairs, AllOrganizations(), clock.now(), Calendar(effective_settings().zone))
    except BadQuery as bad:
        raise UsageFailure("\n  ".join(_sentence(refusal) for refusal in bad.refusals)) from None


def _sentence(refusal: Refusal) -> str:
    option = "--" + refusal.parameter.replace("_", "-")
    exist = f" (there are: {', '.join(refusal.allowed)})" if refusal.allowed else ""
    return f"{option}: {refusal.message}{exist}"
