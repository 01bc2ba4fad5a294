"""Recorded events, printed: selected from the journal's segments, as structured CloudEvents, a line each."""
