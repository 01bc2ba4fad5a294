"""The parameters in a query string, as pairs in the order in which they came."""

from urllib.parse import parse_qsl

from fastapi import Request

from projections.query.refusal import BadQuery, Refusal


def query_pairs(request: Request) -> list[tuple[str, str]]:
    """Decoded strictly, unlike the framework's own. Raises `BadQuery` for bytes that are no UTF-8."""
    query: bytes = request.scope["query_string"]
    try:
        return parse_qsl(query.decode("utf-8"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        message = "the query string is no percent-encoded UTF-8"
        raise BadQuery(Refusal("", None, message)) from None
