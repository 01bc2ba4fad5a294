"""What to do when the development broker has lost messages that were recorded already: read on from its end.

Noida keeps its log in memory and saves it now and then; killed, it loses the last seconds. What the database
has recorded stays. With a real broker this never happens, and a worker stops loudly instead.
"""

import asyncio

from tokens.database import connected
from tokens.draining import stored_offsets
from tokens.servers import database_of
from tokens.settings import Settings
from tokens.topic_ranges import input_ranges


async def read_on_from_the_end(settings: Settings) -> list[str]:
    """Set offsets that lie beyond their partition's end back to it; a sentence for each."""
    ranges = await asyncio.to_thread(input_ranges, settings)
    stored = await stored_offsets(database_of(settings))
    lost = {place: ranges[place].end for place in ranges if stored.get(place, 0) > ranges[place].end}
    async with connected(database_of(settings)) as connection:
        await connection.executemany(
            "update offsets set next_offset = $3 where topic = $1 and partition = $2",
            [(*place, end) for place, end in lost.items()],
        )
    return [
        f"Noida lost the last {stored[place] - end:,} messages of {place.topic}/{place.partition}; "
        "they are recorded already, and reading goes on from the end of its log"
        for place, end in lost.items()
    ]
