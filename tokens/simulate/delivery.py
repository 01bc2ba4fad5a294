"""How messages reach the log: mostly within seconds, some hours or weeks late, a few percent twice."""

from collections.abc import Mapping
from typing import Any

import orjson

from schemas.instants import format_instant
from tokens.simulate.dice import Dice
from tokens.simulate.habits import DELIVERED_AGAIN_SECONDS, DELIVERED_TWICE, DELIVERED_WITHIN_SECONDS
from tokens.simulate.moments import SECOND
from tokens.simulate.options import Options
from tokens.simulate.spool import Spool

ERP = "/erp/orders"
WAREHOUSE = "/erp/warehouse"
PORTAL = "/portal"
HEAD_END = "/head-end"


class Delivery:
    """Takes events in any order and puts each in the spool at the instant at which it reaches the log."""

    def __init__(self, options: Options, spool: Spool) -> None:
        self.start = options.start
        self.until = options.until
        self._shuffled = options.shuffled
        self._spool = spool
        self._dice = Dice("delivery", options.company_number, options.seed)

    def send(self, event_type: str, source: str, event_id: str, time: int, data: Mapping[str, Any]) -> bool:
        """Send one event of that `time` (microseconds); False where it still lies in the future.

        `event_type` is the middle of the type's full name (`token.applied`). What happened before the history
        begins, or after it ends, is in no file.
        """
        if time > self.until:
            return False
        line = orjson.dumps(
            {
                "specversion": "1.0",
                "id": event_id,
                "source": source,
                "type": f"servicetokens.{event_type}.v1",
                "time": format_instant(time),
                "datacontenttype": "application/json",
                "data": data,
            }
        )
        if self._shuffled:
            self._deliver_late(time, line)
        else:
            self._spool.add(time, line)
        return True

    def _deliver_late(self, time: int, line: bytes) -> None:
        dice = self._dice
        at = time + dice.whole(*dice.weighted(DELIVERED_WITHIN_SECONDS)) * SECOND
        self._spool.add(at, line)
        if dice.chance(DELIVERED_TWICE):
            self._spool.add(at + dice.early(*DELIVERED_AGAIN_SECONDS) * SECOND, line)
