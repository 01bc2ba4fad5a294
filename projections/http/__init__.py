"""The HTTP API of the report."""
