"""Reads pages as a browser does, as far as the tests look at them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_INLINE = ("a", "bdi", "code", "em", "q", "span", "strong", "time")
_VOID = ("meta", "link", "input", "br", "hr", "img")


@dataclass
class Element:
    """A tag with its attributes, and what stands in it."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, as it stands."""
        return "".join(each if isinstance(each, str) else each.text for each in self.children)

    @property
    def words(self) -> str:
        """Its text with single blanks, blocks apart from each other."""
        return " ".join(self._spaced.split())

    @property
    def _spaced(self) -> str:
        inner = "".join(each if isinstance(each, str) else each._spaced for each in self.children)
        return inner if self.tag in _INLINE else f" {inner} "

    def all(self, tag: str, **attributes: str) -> "list[Element]":
        """Every element of that tag in it with these attributes; `class_` must be one of its classes."""
        found = []
        for each in self.children:
            if isinstance(each, Element):
                if each.tag == tag and each.has(attributes):
                    found.append(each)
                found.extend(each.all(tag, **attributes))
        return found

    def one(self, tag: str, **attributes: str) -> "Element":
        """The only such element."""
        [found] = self.all(tag, **attributes)
        return found

    def has(self, attributes: dict[str, str]) -> bool:
        """Whether it has these attributes."""
        for name, value in attributes.items():
            if name == "class_":
                if value not in self.attributes.get("class", "").split():
                    return False
            elif self.attributes.get(name.replace("_", "-")) != value:
                return False
        return True

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        closed = self.open.pop()
        assert closed.tag == tag, f"</{tag}> where <{closed.tag}> is open"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse_html(html: str) -> Element:
    """The document. Every tag must be closed where it should be."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    [document] = parser.open
    return document


def table_of(document: Element) -> list[list[str]]:
    """The cells of the list, without the heads."""
    body = document.one("table", class_="list").one("tbody")
    return [
        [cell.text for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]
        for row in body.all("tr")
    ]


def heads_of(document: Element) -> list[str]:
    """The titles of its columns."""
    head = document.one("table", class_="list").one("thead")
    return [each.words for each in head.all("th")]


def problems_of(document: Element) -> list[str]:
    """What the page says is wrong."""
    return [each.words for each in document.all("div", class_="problem")]
