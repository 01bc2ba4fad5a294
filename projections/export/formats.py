"""The kinds of file in which a report can be had: one declaration, from which all that names them is made."""

from enum import StrEnum


class Format(StrEnum):
    """What kind of file; the word is also how the file's name ends."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSONL = "jsonl"

    @property
    def spoken(self) -> str:
        """Its name in a sentence."""
        return _SPOKEN[self]

    @property
    def media_type(self) -> str:
        return _MEDIA_TYPES[self]

    @property
    def has_head_row(self) -> bool:
        """Whether its first row says what the columns are; the other kinds know columns by their keys."""
        return self in (Format.CSV, Format.XLSX)

    @property
    def is_text(self) -> bool:
        """Whether a terminal can show it."""
        return self in (Format.CSV, Format.JSONL)


_SPOKEN = {
    Format.CSV: "CSV",
    Format.XLSX: "an Excel workbook",
    Format.PARQUET: "Parquet",
    Format.JSONL: "JSON Lines",
}
_MEDIA_TYPES = {
    Format.CSV: "text/csv; charset=utf-8; header=present",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.JSONL: "application/jsonl; charset=utf-8",
}
