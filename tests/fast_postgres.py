"""How the tests' Postgres is tuned."""

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""A run of the tests is thrown away when the machine loses power, so nothing need wait for the disk."""
