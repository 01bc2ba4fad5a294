"""The simulation as lines of NDJSON, in the order of their delivery."""

from collections.abc import Generator

from lifecycle.calendar import Calendar
from tokens.simulate.account import Account
from tokens.simulate.company import customers
from tokens.simulate.customer import live
from tokens.simulate.delivery import Delivery
from tokens.simulate.dice import Dice
from tokens.simulate.options import Options
from tokens.simulate.spoiled import with_bad_messages
from tokens.simulate.spool import Spool

ZONE_OF_THE_PORTAL = "America/Los_Angeles"
BYTES_A_TOKEN_AND_DAY = 2  # roughly, for the size of the spool's buckets


def simulate(options: Options) -> Generator[bytes, None, None]:
    """Each message as one line without its newline: the same options, the same bytes.

    Memory stays under about 250 MB whatever the number of tokens; what waits for its delivery beyond 48 MB
    waits in a temporary folder. Raises `OSError` where that cannot be written.
    """
    expected_bytes = options.tokens * options.days * BYTES_A_TOKEN_AND_DAY
    with Spool(options.start, options.until, expected_bytes) as spool:
        delivery = Delivery(options, spool)
        calendar = Calendar(ZONE_OF_THE_PORTAL)
        for customer in customers(options):
            dice = Dice("customer", options.company_number, options.seed, customer.number)
            live(Account(customer, options.company_number, dice, delivery, calendar))
        bad_messages = options.bad.among(spool.lines_held)
        yield from with_bad_messages(spool.lines(), spool.lines_held, bad_messages, options)
