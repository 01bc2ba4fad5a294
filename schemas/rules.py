"""The rules that a message must keep, one word each, and what one that breaks them comes back as."""

from dataclasses import dataclass

RULES: dict[str, str] = {
    "empty": "a message has a value; a tombstone takes nothing back, as an event that retracts does",
    "too_large": "a message is at most 4 MiB (4,194,304 bytes)",
    "not_json": "a message, and the data of an event, is one JSON text in UTF-8",
    "too_deep": "arrays and objects are nested at most 254 levels deep",
    "nul": "the character NUL stands nowhere, neither in unknown fields nor in names",
    "content_type": "an event is JSON: application/cloudevents+json, or in binary mode application/json",
    "not_utf8": "the headers of a CloudEvent are UTF-8",
    "repeated_header": "a header of a CloudEvent stands once",
    "specversion": "the version of CloudEvents is 1.0",
    "unknown_type": "the type is one of the contract's",
    "unknown_version": "the version of the type is one of the contract's",
    "data_base64": "data is JSON and stands in `data`, not in `data_base64`",
    "missing": "a required field is there, and is neither null nor blank",
    "wrong_type": "a value has the JSON type that the contract gives it; nothing is converted",
    "too_long": "identifiers have at most 128 characters, other text and a source at most 500",
    "surrounding_blank": "an identifier neither begins nor ends with a blank",
    "control_character": "an identifier holds no control character",
    "out_of_range": "a number lies in its range, and dates and instants (in UTC) in the years 2000 to 2099",
    "not_instant": "an instant is RFC 3339 with a zone",
    "naive_instant": "an instant has a zone",
    "leap_second": "an instant does not lie in a leap second",
    "not_date": "a date is YYYY-MM-DD, and a day of the calendar",
    "empty_list": "`lines`, and the serials of a return or a transfer, are not empty",
    "repeated_line": "a line stands once in an event",
    "repeated_serial": "a serial stands once in an event, whatever the line",
    "too_many_serials": "an event names at most 10,000 serials",
    "activated_after_time": "`activated_at` is at most a day after the event's `time`",
}


@dataclass(frozen=True, slots=True)
class Invalid:
    """A message that is no event: the rule that it breaks, where, and what to do about it.

    `rule` is a key of `RULES`; `pointer` a JSON pointer into the structured form of the event, in binary
    mode too (the header `ce_time` is `/time`); `message` a sentence or two. `source` and `id` are the event's
    where they can be read. None of these texts holds a NUL.
    """

    rule: str
    pointer: str
    message: str
    source: str | None
    id: str | None


class Refused(Exception):
    """Raised while one message is read, and caught where that began: callers get an `Invalid`."""

    def __init__(self, rule: str, pointer: str, remedy: str) -> None:
        super().__init__(f"{rule} at {pointer}: {remedy}")
        self.rule = rule
        self.pointer = pointer
        self.remedy = remedy
