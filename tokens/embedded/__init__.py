"""Servers that run as children of this process where none are given: Postgres, and Apache Kafka or Noida."""
