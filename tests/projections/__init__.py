"""Tests of what Postgres holds and what is read from it."""
