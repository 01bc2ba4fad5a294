"""Postgres: the journal, the rows, what is read from them, and the HTTP API."""
