"""Tests of the read side: the report, its queries and exports, the API."""
