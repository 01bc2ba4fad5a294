"""The parts of the OpenAPI document that are made from the declarations of columns and parameters."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from projections.columns import TOKENS
from projections.http.problems import MEDIA_TYPE, PROBLEM_SCHEMA
from projections.listing import Column, ColumnType, Listing
from projections.orders.columns import ORDERS
from projections.query.parameters import Parameter
from projections.stations.columns import STATIONS

PROBLEM_REFERENCE = {"$ref": "#/components/schemas/Problem"}


class ListedRow(NamedTuple):
    """How the document shows a row of a list: the name of its schema, and an example."""

    listing: Listing
    schema_name: str
    example: dict[str, object]

    @property
    def reference(self) -> dict[str, str]:
        """What stands for the schema elsewhere in the document."""
        return {"$ref": f"#/components/schemas/{self.schema_name}"}

    @property
    def schema(self) -> dict[str, Any]:
        """An object of the column keys that were asked for."""
        return {
            "type": "object",
            "description": f"A row of the {self.listing.many}: the columns that were asked for. An empty cell is null.",
            "additionalProperties": False,
            "properties": {column.key: _cell_schema(column) for column in self.listing.columns},
            "example": self.example,
        }


TOKEN_ROW = ListedRow(
    TOKENS,
    "Row",
    {
        "token_serial": "ST-000001",
        "cloud_plan": "Commercial",
        "term_years": 3,
        "station_serial": "CP-4471",
        "expiration_date": "2029-03-02",
        "status": "Active",
    },
)
STATION_ROW = ListedRow(
    STATIONS,
    "StationRow",
    {
        "station_serial": "CP-4471",
        "org_name": "Harbor Garage",
        "coverage": "Covered",
        "covered_until": "2029-03-02",
        "active_token": "ST-000001",
        "queued_tokens": [],
        "gap_since": None,
    },
)
ORDER_ROW = ListedRow(
    ORDERS,
    "OrderLineRow",
    {
        "sales_order": "SO-1001",
        "line": "1",
        "quantity": 10,
        "named": 4,
        "shipped": 4,
        "missing": 6,
        "state": "Serials missing",
    },
)
ROW_REFERENCE = TOKEN_ROW.reference


def page_schema(row: ListedRow) -> dict[str, Any]:
    """A page of a list."""
    return {
        "type": "object",
        "required": ["rows", "next"],
        "additionalProperties": False,
        "properties": {
            "rows": {"type": "array", "items": row.reference},
            "next": {
                "type": ["string", "null"],
                "description": "The `after` of the next page; null on the last.",
            },
            "count": {
                "type": "integer",
                "description": "The rows of the whole list, where `count=true` asked.",
            },
        },
        "example": {"rows": [row.example], "next": "9hjUuH6CkA2qmWiq", "count": 812},
    }


COLUMNS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["columns"],
    "properties": {
        "columns": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["key", "title", "type", "operators", "values", "standard", "doc"],
                "properties": {
                    "key": {"type": "string"},
                    "title": {"type": "string"},
                    "type": {"type": "string", "enum": [str(each) for each in ColumnType]},
                    "operators": {"type": "array", "items": {"type": "string"}},
                    "values": {
                        "type": ["array", "null"],
                        "items": {"type": "string"},
                        "description": "All that such a cell can hold, where that is a closed list.",
                    },
                    "standard": {
                        "type": "boolean",
                        "description": "Whether it is shown where no columns are named.",
                    },
                    "doc": {"type": "string"},
                },
            },
        }
    },
    "example": {
        "columns": [
            {
                "key": "expiration_date",
                "title": "Expiration Date (Pacific Time)",
                "type": "date",
                "operators": list(ColumnType.DATE.operators),
                "values": None,
                "standard": True,
                "doc": "The last local date that the plan covers; empty before the term has started.",
            }
        ]
    },
}

# FastAPI leaves out of the document whatever is null, in examples too.
_NULL = "\0null"


def query_parameters(parameters: Sequence[Parameter]) -> dict[str, Any]:
    """The OpenAPI parameters of a call."""
    return {"parameters": [_query_parameter(parameter) for parameter in parameters]}


def json_response(
    description: str, schema: dict[str, Any], example: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The declaration of an answer in JSON; an example may also stand in its schema."""
    content = {"schema": schema} if example is None else {"schema": schema, "example": example}
    return {"description": description, "content": {"application/json": _exchanged(content, None, _NULL)}}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The declarations of the errors that a call can answer with."""
    descriptions = {
        404: "There is nothing of that name; `detail` says more.",
        422: "A parameter is wrong; `errors` names each one and what exists in its place.",
        500: "The service failed.",
        503: "Postgres is away, has not the report's tables, or took too long; try again later.",
        505: "Over HTTP/1.0 a file that is cut off would look whole; ask over HTTP/1.1.",
    }
    content = {MEDIA_TYPE: {"schema": PROBLEM_REFERENCE}}
    return {status: {"description": descriptions[status], "content": content} for status in statuses}


def describe(app: FastAPI) -> None:
    """Make the app's OpenAPI document hold what the calls above refer to."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            made = get_openapi(
                title=app.title, version=app.version, description=app.description, routes=app.routes
            )
            made = _exchanged(made, _NULL, None)
            schemas = made.setdefault("components", {}).setdefault("schemas", {})
            schemas["Problem"] = PROBLEM_SCHEMA
            schemas.update({row.schema_name: row.schema for row in (TOKEN_ROW, STATION_ROW, ORDER_ROW)})
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _exchanged(part: Any, found: object, other: object) -> Any:
    """A part of the document with another value wherever this one is found."""
    if isinstance(part, dict):
        return {key: _exchanged(value, found, other) for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_exchanged(value, found, other) for value in part]
    return other if part == found else part


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema = parameter.schema
    if parameter.most > 1:
        schema = {"type": "array", "items": schema, "maxItems": parameter.most}
    declared = {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.doc,
        "schema": schema,
    }
    if parameter.example is not None:
        declared["example"] = [parameter.example] if parameter.most > 1 else parameter.example
    return declared


def _cell_schema(column: Column) -> dict[str, Any]:
    kinds: dict[ColumnType, dict[str, Any]] = {
        ColumnType.TEXT: {"type": ["string", "null"]},
        ColumnType.NUMBER: {"type": ["integer", "null"]},
        ColumnType.DATE: {"type": ["string", "null"], "format": "date"},
        ColumnType.STATUS: {"type": "string", "enum": [str(choice) for choice in column.choices]},
        ColumnType.LIST: {"type": "array", "items": {"type": "string"}},
    }
    return {**kinds[column.type], "description": column.doc}
