"""Waits until everything that lies in a test's topics has been recorded."""

from tests.projections.recorder.waiting import until
from tokens.draining import drain
from tokens.failure import Failure
from tokens.settings import Settings


async def drained(settings: Settings, deadline_seconds: float = 60) -> None:
    """Return when the stored offsets have reached the ends that the topics have now."""

    async def is_drained() -> bool:
        try:
            await drain(settings, timeout_seconds=deadline_seconds)
        except Failure as failure:
            # Of topics made a moment ago; the broker of a busy machine may not have got round to it.
            if "leader" in str(failure):
                return False
            raise
        return True

    await until(is_drained, "the topics are drained", deadline_seconds)
