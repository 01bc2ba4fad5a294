"""Every metric of a worker, in one list."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()

# What came in, by topic, and whether it was of a type expected there, a stray of another topic, or invalid.
MESSAGES = Counter("tokens_messages", "Messages taken from Kafka", ["topic", "kind"], registry=REGISTRY)

# What became of it, in the transactions that were committed.
EVENTS = Counter("tokens_events_recorded", "Events recorded in the journal", registry=REGISTRY)
REPEATS = Counter("tokens_events_repeated", "Events that were known already", registry=REGISTRY)
DEAD_LETTERS = Counter(
    "tokens_dead_letters", "Messages that could not be taken in", ["rule"], registry=REGISTRY
)
TOKENS = Counter("tokens_rows_written", "Token rows made or changed", registry=REGISTRY)
ANNOUNCEMENTS = Counter("tokens_announcements", "Changes of status put in the outbox", registry=REGISTRY)

ANNOUNCED = Counter("tokens_announced", "Announcements that the broker has acknowledged", registry=REGISTRY)

# How the recorder is doing: one observation a batch, retries included in the seconds.
BATCH_SECONDS = Histogram(
    "tokens_batch_seconds",
    "From a parsed batch to its commit",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
    registry=REGISTRY,
)
BATCH_MESSAGES = Histogram(
    "tokens_batch_messages",
    "Messages in a batch",
    buckets=(1, 10, 100, 1_000, 5_000, 10_000, 20_000, 40_000),
    registry=REGISTRY,
)
RETRIES = Counter(
    "tokens_batch_retries", "Batches tried again because the database was away", registry=REGISTRY
)
MOVED = Counter(
    "tokens_offsets_moved", "Batches dropped because another worker had been there", registry=REGISTRY
)

# The CPU and memory of this process, to set beside the seconds of batches.
ProcessCollector(registry=REGISTRY)

# What stands between a worker and its work.
READY = Gauge("tokens_ready", "1 while batches can be recorded", registry=REGISTRY)
LAG = Gauge("tokens_lag_messages", "Messages not recorded yet, of the partitions assigned", registry=REGISTRY)
