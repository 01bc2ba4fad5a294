"""How a station stands: whether a plan covers it. The one list of the answers, in the order in which they sort."""

from enum import StrEnum


class Coverage(StrEnum):
    """What the list of stations shows at an instant, the most urgent first.

    A station has started at the first activation that it ever reported.
    """

    GAP = "Gap"
    WAITING = "Waiting"
    COVERED = "Covered"
    UNUSED = "Unused"

    @property
    def meaning(self) -> str:
        """When a station stands so."""
        return _MEANINGS[self]


_MEANINGS: dict[Coverage, str] = {
    Coverage.GAP: "the station has started, and no token is Active on it",
    Coverage.WAITING: "the station has not started, and tokens are on it that will start with it",
    Coverage.COVERED: "a token is Active on the station",
    Coverage.UNUSED: "the station has not started, and no token waits on it any more",
}
