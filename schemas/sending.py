"""How every producer of the service sends: each message once and in order, to the partition of its key."""

from types import MappingProxyType

SENDING = MappingProxyType(
    {
        "enable.idempotence": True,
        "acks": "all",
        # A broker that has just been given a new partition refuses one request and takes the next, whatever its
        # sequence number. Where both were under way, the refused one is out of sequence for ever, and librdkafka,
        # seeing that the later one was taken, reports it delivered: it is lost, and nobody is told.
        "max.in.flight.requests.per.connection": 1,
        # Murmur2, as Kafka's own client has it.
        "partitioner": "murmur2_random",
    }
)
"""Settings of librdkafka."""
