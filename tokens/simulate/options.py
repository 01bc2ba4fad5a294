"""What a simulation is made from: the same options give the same bytes."""

from dataclasses import dataclass

from schemas.instants import format_instant, parse_date, parse_instant
from tokens.simulate.dice import number_from
from tokens.simulate.moments import DAY

EARLIEST_START = parse_instant("2000-03-01T00:00:00Z")
LATEST_END = parse_instant("2099-07-01T00:00:00Z")  # renewals are planned months ahead
MOST_TOKENS = 10_000_000


@dataclass(frozen=True, slots=True)
class BadMessages:
    """How many bad messages to mix in: a number of them, or a percentage of the good ones."""

    amount: float
    percent: bool = False

    def among(self, good_messages: int) -> int:
        """The number of bad messages that go with so many good ones."""
        return round(good_messages * self.amount / 100) if self.percent else int(self.amount)


NO_BAD_MESSAGES = BadMessages(0)


@dataclass(frozen=True, slots=True)
class Options:
    """What to simulate. `until` is the instant (microseconds) that no event but a planned one lies after.

    Raises `ValueError`, with the rule, where the history would not fit the years of the contract.
    """

    seed: int
    tokens: int
    days: int
    until: int
    shuffled: bool = True
    bad: BadMessages = NO_BAD_MESSAGES

    def __post_init__(self) -> None:
        if not 1 <= self.tokens <= MOST_TOKENS:
            raise ValueError(f"--tokens must be 1 to {MOST_TOKENS:,}, not {self.tokens:,}")
        if self.days < 1:
            raise ValueError(f"--days must be 1 or more, not {self.days}")
        if not EARLIEST_START <= self.start <= self.until <= LATEST_END:
            raise ValueError(
                f"the {self.days} days up to {format_instant(self.until)} must lie between "
                f"{format_instant(EARLIEST_START)} and {format_instant(LATEST_END)}: "
                "events of other years are refused"
            )

    @property
    def start(self) -> int:
        """The instant (microseconds) before which nothing happens."""
        return self.until - self.days * DAY

    @property
    def company_number(self) -> str:
        """Five digits in every identifier.

        Two simulations with other options are two companies: published to one system they stand side by side,
        instead of telling different stories under the same event ids, which are dead letters.
        """
        return str(10_000 + number_from(self.seed, self.tokens, self.days, self.until) % 90_000)


def parse_until(text: str) -> int:
    """The instant (microseconds) of an RFC 3339 instant, or of a date: its midnight in UTC.

    Raises `ValueError` for anything else.
    """
    try:
        parse_date(text)
    except ValueError:
        midnight = text
    else:
        midnight = text + "T00:00:00Z"
    try:
        return parse_instant(midnight)
    except ValueError as error:
        raise ValueError(
            f"{text!r} is neither a date (2026-03-02) nor an instant with a zone (2026-03-02T07:00:00Z)"
        ) from error


def parse_bad_messages(text: str) -> BadMessages:
    """`12`: twelve bad messages; `2%`: two to every hundred good ones. Raises `ValueError`."""
    digits = text.removesuffix("%")
    percent = digits != text
    try:
        amount = float(digits) if percent else int(digits)
    except ValueError:
        amount = -1
    if not 0 <= amount <= (100 if percent else 1_000_000):
        raise ValueError(f"{text!r} is neither a number of messages (12) nor a percentage up to 100% (2%)")
    return BadMessages(amount, percent)
