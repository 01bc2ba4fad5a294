"""What a database error means for the batch at hand."""

import asyncpg

TRANSIENT = (
    OSError,
    TimeoutError,
    asyncpg.exceptions.TransactionRollbackError,  # deadlocks and serialization failures among them
    asyncpg.exceptions.PostgresConnectionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.LockNotAvailableError,
    asyncpg.exceptions.InternalClientError,  # a statement was sent while the server ended the session
    asyncpg.exceptions.ReadOnlySQLTransactionError,  # a primary that was demoted under us
)
"""The batch is as good as before: it is tried again, for as long as it takes."""

RACES = (asyncpg.exceptions.UniqueViolationError,)
"""Another worker recorded one of the batch's events first: a second look at the journal settles it."""

OFFENSIVE = (
    asyncpg.exceptions.DataError,  # covers the server's class 22 and values that the client cannot encode
    asyncpg.exceptions.IntegrityConstraintViolationError,
    asyncpg.exceptions.ProgramLimitExceededError,
    ValueError,
    OverflowError,
)
"""Something in the batch cannot be stored: it is halved until the offender stands alone."""


class RaceLost(Exception):
    """A row of the journal changed between its probe and its update; the transaction starts over."""


class TooWide(Exception):
    """The batch touches more tokens than fit in memory at once; it is halved."""


def is_away(error: BaseException) -> bool:
    """Whether the database is away for now: by a transient error, or in asyncpg's own words, by a lost connection."""
    if isinstance(error, TRANSIENT):
        return True
    return isinstance(error, asyncpg.exceptions.InterfaceError) and not isinstance(
        error, asyncpg.exceptions.DataError
    )
