"""The whole report as a file: one snapshot, streamed, never cut short in silence."""
