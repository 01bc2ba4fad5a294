"""Records batches of events: one Postgres transaction each, from the journal to the rows.

The order of the statements is the argument for their being right: offsets, journal, locks on the subjects
touched and a fresh read of them, locks on the tokens touched and a fresh read of them, rows, outbox.
"""

from projections.recorder.recorder import PostgresRecorder

__all__ = ["PostgresRecorder"]
