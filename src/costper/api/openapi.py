"""The OpenAPI 3.1 document, made from the table of endpoints."""

from __future__ import annotations

from collections.abc import Mapping

from costper.api import uploads
from costper.api.endpoint import Endpoint, Shape
from costper.api.endpoints import ENDPOINTS, POSTS
from costper.api.endpoints_keys import WHO_PATH
from costper.api.openapi_inlets import inlet_paths, inlet_schemas
from costper.api.parameters import FORMS, Kind, Parameter
from costper.api.posts import ACCEPTED, JSON, Post
from costper.api.problems import MEDIA_TYPE
from costper.pipeline.export.columns import ARROW_STREAM

Node = dict[str, object]
AMOUNT: Node = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
SCHEMAS: dict[Kind, Node] = {
    "text": {"type": "string"},
    "day": {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"},
    "count": {"type": "integer"},
    "amount": AMOUNT,
}
REFUSALS = {
    "400": "A parameter is unknown, repeated or malformed; `parameter` names it.",
    "401": "A key is needed.",
    "403": "The key may not see this.",
    "404": "There is no such thing.",
    "422": "The question cannot be answered, such as a period without days.",
    "500": "Something went wrong here.",
}


ARROW: Node = {ARROW_STREAM: {"schema": {"type": "string", "format": "binary"}}}
"""The whole answer as an Arrow stream, for those who accept it."""


def document(version: str) -> Node:
    """Give the whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "costper",
            "version": version,
            "summary": "What it costs, per customer, team, service and environment.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}, {}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "Made with `costper keys add`. Not needed on the machine "
                    "itself while no key was made.",
                }
            },
            "schemas": {
                **_shared_schemas(),
                **inlet_schemas(),
                **{_row(one): _row_schema(one) for one in ENDPOINTS},
            },
        },
    }


def _paths() -> Node:
    """Give every path, with what may be got there and what may be sent."""
    found: dict[str, dict[str, Node]] = {}
    for endpoint in ENDPOINTS:
        found.setdefault(endpoint.path, {})["get"] = _operation(endpoint)
    for post in POSTS:
        found.setdefault(post.path, {})[post.method.lower()] = _sending(post)
    found[uploads.PATH] = {"put": _uploading()}
    return {**found, WHO_PATH: {"get": _whoami()}, **inlet_paths()}


def _whoami() -> Node:
    answer = {JSON: {"schema": _ref("Answer")}}
    return {
        "operationId": "whoami",
        "summary": "Who calls, and what it may do. Any key may ask.",
        "responses": {
            "200": {"description": "The answer, of one row.", "content": answer},
            **_refused({"401": REFUSALS["401"]}),
        },
    }


def _operation(endpoint: Endpoint) -> Node:
    refusals: Mapping[str, str] = REFUSALS
    if endpoint.paged:
        refusals = {**REFUSALS, "410": "The books have changed since the cursor's page."}
    return {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "parameters": [_parameter(one) for one in endpoint.accepts],
        "responses": {
            "200": {
                "description": "The answer.",
                "headers": {"ETag": {"schema": {"type": "string"}}},
                "content": {JSON: {"schema": _answer(endpoint)}, **ARROW},
            },
            "304": {"description": "What If-None-Match names is still the answer."},
            **_refused(refusals),
        },
    }


def _sending(post: Post) -> Node:
    named = [part[1:-1] for part in post.path.split("/") if part.startswith("{")]
    refusals = {**REFUSALS, "413": "The body is too long.", "415": "The body is not JSON."}
    if post.method != "POST":
        refusals |= {"409": "The name is taken, or somebody else changed it meanwhile."}
    if post.status == ACCEPTED:
        refusals |= {"409": "The same is at work already."}
    answered = {"description": "The answer.", "content": {JSON: {"schema": _ref("Answer")}}}
    return {
        "operationId": post.name,
        "summary": post.summary,
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": SCHEMAS["text"]}
            for name in named
        ]
        + [_parameter(one) for one in post.parameters],
        **(
            {"requestBody": {"required": True, "content": {JSON: _body(post)}}}
            if post.method != "DELETE"
            else {}
        ),
        "responses": {
            str(post.status): answered,
            **_refused(refusals),
        },
    }


def _uploading() -> Node:
    answered = {"description": "The answer.", "content": {JSON: {"schema": _ref("Answer")}}}
    refusals = {
        **REFUSALS,
        "409": "Another file is there, the source would not read it, or a sync is running.",
        "413": f"The file has more than {uploads.LONGEST} bytes.",
        "415": "The body does not say that it is a file.",
        "503": "There is no room for it.",
    }
    return {
        "operationId": uploads.NAME,
        "summary": uploads.SUMMARY,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, "schema": SCHEMAS["text"]}
                for name in ("name", "filename")
            ),
            _parameter(uploads.REPLACE),
        ],
        "requestBody": {
            "required": True,
            "content": {kind: {} for kind in uploads.KINDS},
        },
        "responses": {"200": answered, **_refused(refusals)},
    }


def _body(post: Post) -> Node:
    return {"schema": post.body, **({"examples": post.examples} if post.examples else {})}


def _refused(refusals: Mapping[str, str]) -> Node:
    content = {MEDIA_TYPE: {"schema": _ref("Problem")}}
    return {status: {"description": text, "content": content} for status, text in refusals.items()}


def _parameter(parameter: Parameter) -> Node:
    schema = dict(SCHEMAS[parameter.kind])
    if parameter.kind == "count":
        schema |= {"minimum": parameter.least, "maximum": parameter.most}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": parameter.place == "path",
        "description": f"{parameter.summary} It is {FORMS[parameter.kind]}.",
        "schema": schema,
    }


def _answer(endpoint: Endpoint) -> Node:
    own: Node = {"rows": {"type": "array", "items": _ref(_row(endpoint))}}
    if endpoint.paged:
        own["next_cursor"] = {"type": ["string", "null"]}
    return {
        "allOf": [
            _ref("Answer"),
            {"type": "object", "required": list(own), "properties": own},
        ]
    }


def _row(endpoint: Endpoint) -> str:
    return f"{endpoint.name.capitalize()}Row"


def _row_schema(endpoint: Endpoint) -> Node:
    return {
        "type": "object",
        "required": list(endpoint.columns),
        "properties": {name: _shape(shape) for name, shape in endpoint.columns.items()},
    }


def _shape(shape: Shape) -> Node:
    shapes: dict[Shape, Node] = {
        "text": {"type": "string"},
        "count": {"type": "integer"},
        "day": {"type": ["string", "null"], "format": "date"},
        "amount": _ref("Amount"),
        "texts": {"type": "array", "items": {"type": "string"}},
        "amounts": {"type": "array", "items": _ref("Amount")},
        "rows": {"type": "array", "items": {"type": "object"}},
    }
    return shapes[shape]


def _shared_schemas() -> Node:
    absent: Node = {
        "type": "object",
        "description": "A number that does not exist, and why.",
        "required": ["value", "reason"],
        "properties": {"value": {"type": "null"}, "reason": {"type": "string"}},
        "additionalProperties": False,
    }
    return {
        "Absent": absent,
        "Amount": {"description": "All digits, as text.", "anyOf": [AMOUNT, _ref("Absent")]},
        "Issue": _texts("code", "severity", "where", "message", "hint", count={"type": "integer"}),
        "Answer": _answer_schema(),
        "Problem": _problem_schema(),
    }


def _answer_schema() -> Node:
    properties: Node = {
        "question": {"type": "object"},
        "rows": {"type": "array", "items": {"type": "object"}},
        "total": {"type": "object"},
        "currency": {"type": "string"},
        "as_of": {"type": "string", "description": "When the books last changed."},
        "settled_through": {"type": ["string", "null"], "format": "date"},
        "estimated": {"type": "boolean"},
        "coverage": {"type": ["string", "null"], "description": "Share of gross cost allocated."},
        "unallocated": {"type": "object", "additionalProperties": _ref("Amount")},
        "issues": {"type": "array", "items": _ref("Issue")},
    }
    return {"type": "object", "required": list(properties), "properties": properties}


def _problem_schema() -> Node:
    names = ("type", "title", "detail", "instance", "hint", "parameter")
    found = _texts(*names, status={"type": "integer"}, position={"type": "integer"})
    return {**found, "required": ["type", "title", "status", "instance"]}


def _texts(*names: str, **others: Node) -> Node:
    properties: Node = {**{name: {"type": "string"} for name in names}, **others}
    return {"type": "object", "required": list(properties), "properties": properties}


def _ref(name: str) -> Node:
    return {"$ref": f"#/components/schemas/{name}"}
