"""How a page is sent: its template filled, and headers that let nothing into it but what is ours."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from projections.web.static_files import static_path
from projections.web.words import WORDS

_TEMPLATES = Path(__file__).parent / "templates"

PAGE_HEADERS = {
    # No script or style but our own files, nothing from another place, no frame around it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # An address is a report, and may name organizations.
    "Referrer-Policy": "same-origin",
    # What it shows changes by the clock alone.
    "Cache-Control": "no-store",
}


def page(template: str, content: Mapping[str, object], status: int = 200) -> Response:
    """The page that a template makes of its content."""
    html = _environment().get_template(template).render(content)
    return Response(html, status, PAGE_HEADERS, "text/html; charset=utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["static"] = static_path
    environment.filters.update(WORDS)
    return environment
