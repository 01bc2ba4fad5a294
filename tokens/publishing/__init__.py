"""A file of events to Kafka: all of it is checked first, then each line goes to the topic of its type."""
