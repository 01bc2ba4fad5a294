"""A recorded message as one line: a structured CloudEvent, byte for byte where it was one."""

import json

from lifecycle.recording import Message
from schemas.headers import binary_attributes


def structured(message: Message) -> bytes:
    """The event of a message that was recorded, without a newline; published again, it is the same event.

    Numbers and strings stay as they were written: only line breaks, which JSON has between its tokens alone,
    become blanks, and the attributes of binary mode move from the headers into the object.
    """
    assert message.value is not None, "an empty message is no event"
    value = message.value.translate(_ON_ONE_LINE).strip()
    attributes = binary_attributes(message.headers) if message.headers else None
    if attributes is None:
        return value
    attributes.pop("data", None)  # a header that is called so stands for nothing
    return json.dumps(attributes, ensure_ascii=False).encode()[:-1] + b', "data": ' + value + b"}"


_ON_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")
