"""Where a library writes a file that goes on to somebody else at once."""


class Outlet:
    """A file that can only be appended to, and keeps nothing that was taken."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def write(self, piece: bytes) -> int:
        piece = bytes(piece)
        self._pieces.append(piece)
        self._size += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing waits here for being written."""

    def close(self) -> None:
        """What was written is still there to be taken."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
