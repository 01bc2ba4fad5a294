"""The rows of a table as HTML, made without a template: of thousands of cells that takes a fifth of the time."""

from collections.abc import Callable, Sequence
from html import escape

from markupsafe import Markup

from projections.listing import Column, ColumnType
from projections.web.address import Address, token_path

Link = Callable[[str], str]
_LONG = 32
"""Characters from which on a cell may be cut off on the screen, and has its text as a title too."""


def rows_html(
    listing: str, key: str, columns: Sequence[Column], rows: Sequence[dict[str, object]], *, can_pick: bool
) -> list[Markup]:
    """A table row for each row, whose first cell heads it, with a checkbox where rows can be picked."""
    links = [_LINKS.get((listing, column.key)) for column in columns]
    return [Markup(_row(str(row[key]), columns, links, row, can_pick)) for row in rows]


def _row(
    key: str, columns: Sequence[Column], links: Sequence[Link | None], row: dict[str, object], can_pick: bool
) -> str:
    cells = []
    tag = 'th scope="row"'
    pick = _pick(key) if can_pick else ""
    for column, link in zip(columns, links, strict=True):
        text, html = _filled(column, row[column.key], link)
        title = f' title="{escape(text)}"' if len(text) > _LONG else ""
        cells.append(f'<{tag} class="is-{column.type}"{title}>{pick}{html}</{tag[:2]}>')
        tag, pick = "td", ""
    return f"<tr>{''.join(cells)}</tr>"


def _filled(column: Column, value: object, link: Link | None) -> tuple[str, str]:
    """The text of a cell, and what stands in it."""
    if value is None or value == []:
        return "", ""
    if isinstance(value, list):
        return ",".join(value), "".join(_part(each, link) for each in value)
    text = str(value)
    if link is not None:
        return text, f'<a href="{escape(link(text))}">{escape(text)}</a>'
    if column.type is ColumnType.STATUS:
        return text, f'<span class="status is-{text.lower().replace(" ", "-")}">{escape(text)}</span>'
    return text, escape(text)


def _part(text: str, link: Link | None) -> str:
    if link is None:
        return f'<span class="tag">{escape(text)}</span>'
    return f'<a class="tag" href="{escape(link(text))}">{escape(text)}</a>'


def _pick(key: str) -> str:
    value = escape(key)
    return (
        f'<span class="pick"><input type="checkbox" form="selection" name="serial" value="{value}" '
        f'aria-label="Select {value}"></span>'
    )


def _filtered(path: str, column: str) -> Link:
    """The page of a list with the rows that have a value in a column."""
    return lambda value: str(Address(path, (("filter", f"{column}:is:{value}"),)))


_LINKS: dict[tuple[str, str], Link] = {
    ("service-tokens", "token_serial"): token_path,
    ("service-tokens", "station_serial"): _filtered("/stations", "station_serial"),
    ("service-tokens", "sales_order"): _filtered("/orders", "sales_order"),
    ("stations", "station_serial"): _filtered("/", "station_serial"),
    ("stations", "active_token"): token_path,
    ("stations", "active_tokens"): token_path,
    ("stations", "queued_tokens"): token_path,
    ("stations", "overlapping_tokens"): token_path,
    ("orders", "sales_order"): _filtered("/", "sales_order"),
}
"""Where cells lead, by the name of their list and the key of their column."""
