"""Who buys: customers with fictional names, their organizations, and how many tokens each buys."""

from collections.abc import Iterator
from typing import NamedTuple

from tokens.simulate.dice import Dice
from tokens.simulate.habits import ORGANIZATIONS_A_CUSTOMER, TOKENS_A_CUSTOMER
from tokens.simulate.options import Options
from tokens.simulate.segments import FIRST_SYLLABLES, SECOND_SYLLABLES, SEGMENTS, Segment


class Organization(NamedTuple):
    """Who may own tokens."""

    org_id: str
    org_name: str


class Customer(NamedTuple):
    """Who buys, and the range of numbers from which its tokens' serials are made."""

    number: int
    customer_id: str
    customer_name: str
    segment: Segment
    organizations: tuple[Organization, ...]
    first_token: int
    tokens: int


def customers(options: Options) -> Iterator[Customer]:
    """The customers, until all tokens asked for are theirs: about one to two hundred tokens."""
    dice = Dice("company", options.company_number, options.seed)
    number, first_token = 0, 1
    while first_token <= options.tokens:
        number += 1
        tokens = min(dice.whole(*dice.weighted(TOKENS_A_CUSTOMER)), options.tokens - first_token + 1)
        yield _customer(dice, options.company_number, number, first_token, tokens)
        first_token += tokens


def _customer(dice: Dice, company_number: str, number: int, first_token: int, tokens: int) -> Customer:
    segment = dice.weighted(SEGMENTS)
    family = dice.pick(FIRST_SYLLABLES) + dice.pick(SECOND_SYLLABLES)
    name = f"{family} {dice.pick(segment.businesses)}"
    names = [name]
    for division in segment.divisions[: dice.weighted(ORGANIZATIONS_A_CUSTOMER) - 1]:
        names.append(f"{name}, {division}")
    return Customer(
        number=number,
        customer_id=f"C{company_number}-{number:04d}",
        customer_name=name,
        segment=segment,
        organizations=tuple(
            Organization(f"ORG{company_number}-{number:04d}-{position}", org_name)
            for position, org_name in enumerate(names, 1)
        ),
        first_token=first_token,
        tokens=tokens,
    )
