"""Exports of a large report: each kind of file beside `psql \\copy`, and ten at once beside a page."""
