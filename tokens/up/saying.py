"""What `up` says while it works, a line each, on stdout."""

import contextlib
import sys


def say(sentence: str) -> None:
    """Print at once, for who waits for a line in a pipe; a reader that has gone is no reason to end."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()
