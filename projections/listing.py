"""What a list is made of: columns of a few types, and the SQL function that its rows come from."""

from dataclasses import dataclass
from enum import StrEnum


class Operator(StrEnum):
    """What a filter can ask of a cell."""

    CONTAINS = "contains"
    DOES_NOT_CONTAIN = "does_not_contain"
    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    BEFORE = "before"
    AFTER = "after"
    IS_EMPTY = "is_empty"
    IS_NOT_EMPTY = "is_not_empty"

    @property
    def takes_value(self) -> bool:
        return self not in (Operator.IS_EMPTY, Operator.IS_NOT_EMPTY)


_ANY_TYPE = tuple(operator for operator in Operator if operator not in (Operator.BEFORE, Operator.AFTER))


class ColumnType(StrEnum):
    """How the cells of a column are stored, compared and shown."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    STATUS = "status"
    LIST = "list"

    @property
    def operators(self) -> tuple[Operator, ...]:
        """The operators that a filter on such a column may use, in the order in which they are listed."""
        return tuple(Operator) if self in (ColumnType.NUMBER, ColumnType.DATE) else _ANY_TYPE


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list.

    `title` may hold `{zone}`, see `title_in`. `choices` are all that a cell can hold, where that is a closed
    list: of a status in the order in which it sorts. `is_standard` tells the columns that `all` stands for
    from those shown only when named.
    """

    key: str
    title: str
    type: ColumnType
    doc: str
    choices: tuple[str, ...] = ()
    is_standard: bool = True

    def title_in(self, zone_title: str) -> str:
        """The heading, with the name of the zone (see `zone_title`) where the dates are local ones."""
        return self.title.replace("{zone}", zone_title)


@dataclass(frozen=True, slots=True)
class Listing:
    """Something that can be listed, filtered, sorted and exported.

    `name` is that of its files, `one` and `many` are what its rows are called. Its rows are those of the SQL
    function `source`, called with an instant. `key` is the column whose exact text tells rows apart, and by
    which rows that are equal otherwise are sorted. Each row has an `org_id`, the organization that it belongs to.
    """

    name: str
    one: str
    many: str
    columns: tuple[Column, ...]
    source: str
    key: str

    @property
    def standard_columns(self) -> tuple[Column, ...]:
        """What is shown where no columns are named."""
        return tuple(column for column in self.columns if column.is_standard)

    def column(self, key: str) -> Column | None:
        """The column of that key."""
        return next((column for column in self.columns if column.key == key), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all columns, in their order."""
        return tuple(column.key for column in self.columns)
