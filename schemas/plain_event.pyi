from schemas.events import EventData
from schemas.plain import PlainType

def read(
    value: bytes, types: dict[str, PlainType]
) -> tuple[str, str, str, int, EventData, bytes, bytes] | None: ...
