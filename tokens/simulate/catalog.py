"""What the company sells: invented plans, each with its part numbers."""

from typing import NamedTuple

from tokens.simulate.dice import Dice
from tokens.simulate.habits import TERM_YEARS


class Plan(NamedTuple):
    """A plan, whatever its term. `code` is its part of the part number."""

    code: str
    name: str
    purpose: str
    token_type: str


COMMERCIAL = Plan("COM", "Commercial", "public and workplace charging", "Subscription")
FLEET = Plan("FLT", "Fleet", "depot charging with load schedules", "Subscription")
MULTIFAMILY = Plan("MUF", "Multifamily", "residents' charging with cost sharing", "Subscription")
MUNICIPAL = Plan("MUN", "Municipal", "kerbside charging with tariffs by hour", "Subscription")
STEADY = Plan("STD", "SteadyCare", "parts and labour on site", "Care")
PREVIEW = Plan("PRV", "Preview", "trial of the cloud services", "Trial")


class Product(NamedTuple):
    """One article of the price list: a plan for a term; a renewal has a part number of its own."""

    plan: Plan
    term_years: int
    renewal: bool = False

    @property
    def part_number(self) -> str:
        """SVC-FLT-3Y, or SVC-FLT-3Y-R for a renewal."""
        return f"SVC-{self.plan.code}-{self.term_years}Y" + ("-R" if self.renewal else "")

    @property
    def description(self) -> str:
        """What an invoice says of it."""
        years = "1 year" if self.term_years == 1 else f"{self.term_years} years"
        return f"{self.plan.name}, {years}" + (", renewal" if self.renewal else f": {self.plan.purpose}")

    @property
    def token_type(self) -> str:
        """How the price list classes it."""
        return "Renewal" if self.renewal else self.plan.token_type


def product_for(dice: Dice, plans: tuple[tuple[float, Plan], ...]) -> Product:
    """What a customer who mostly buys these plans orders on one line."""
    plan = dice.weighted(plans)
    return Product(plan, 1 if plan is PREVIEW else dice.weighted(TERM_YEARS))
