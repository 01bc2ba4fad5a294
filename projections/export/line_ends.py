"""The line ends of a CSV file: CR LF after a row, as RFC 4180 has it; those within a cell as they are."""


class LineEnds:
    """Turns the LF after each row of a stream of CSV into CR LF.

    Feed it the chunks in order; they may begin and end anywhere, within a quoted cell too.
    """

    def __init__(self) -> None:
        self._in_quotes = False

    def convert(self, chunk: bytes) -> bytes:
        if b'"' not in chunk:
            return chunk if self._in_quotes else chunk.replace(b"\n", b"\r\n")
        # Every quote opens or closes; one that is doubled within a cell does both, with nothing in between.
        pieces = chunk.split(b'"')
        first_outside = 1 if self._in_quotes else 0
        for index in range(first_outside, len(pieces), 2):
            if b"\n" in pieces[index]:
                pieces[index] = pieces[index].replace(b"\n", b"\r\n")
        if len(pieces) % 2 == 0:
            self._in_quotes = not self._in_quotes
        return b'"'.join(pieces)
