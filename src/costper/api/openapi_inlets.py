"""What the OpenAPI document says of the paths that take LLM calls."""

from __future__ import annotations

import msgspec

from costper.api.events import JSON, KINDS
from costper.api.inlets import INLETS
from costper.api.intake import Inlet
from costper.events.event import Event

Node = dict[str, object]
TOLD: Node = {
    "type": "object",
    "required": ["index", "code", "reason"],
    "properties": {
        "index": {"type": "integer", "minimum": 0},
        "code": {"type": "string"},
        "reason": {"type": "string"},
        "hint": {"type": "string"},
        "field": {"type": "string"},
        "count": {"type": "integer", "minimum": 2},
    },
}
REFUSALS = {
    "400": "The body is not what it should be; nothing of it was taken.",
    "401": "A key is needed.",
    "403": "The key may not tell of calls: it needs the scope `ingest`.",
    "413": "The body is too long, packed or not, or holds too many calls.",
    "415": "The Content-Type or Content-Encoding is not understood.",
    "503": "Too much waits, or the disk failed: nothing was acknowledged. Retry-After says when.",
}


def inlet_paths() -> dict[str, dict[str, Node]]:
    """Give the operation of every inlet, by path."""
    return {inlet.path: {"post": _operation(inlet)} for inlet in INLETS}


def inlet_schemas() -> Node:
    """Give the schemas the operations name: the event as it is read, and the answer."""
    _, found = msgspec.json.schema_components([Event], ref_template="#/components/schemas/{name}")
    remarks: Node = {"type": "array", "items": {"$ref": "#/components/schemas/Remark"}}
    taken: Node = {
        "type": "object",
        "required": ["accepted", "rejected", "warnings"],
        "properties": {
            "accepted": {"type": "integer", "description": "Events that are durable now."},
            "rejected": remarks,
            "warnings": remarks,
        },
    }
    return {**found, "Remark": TOLD, "Taken": taken}


def _operation(inlet: Inlet) -> Node:
    ours = inlet.kinds is KINDS
    return {
        "operationId": inlet.name,
        "summary": inlet.summary,
        "requestBody": {"required": True, "content": _body(inlet)},
        "responses": {**(_answers() if ours else _exported(inlet)), **_refused(inlet)},
    }


def _body(inlet: Inlet) -> Node:
    one: Node = {"$ref": "#/components/schemas/Event"}
    if inlet.name == "events":
        array: Node = {"type": "array", "items": one}
        return {kind: {"schema": {"anyOf": [one, array]}} for kind in inlet.kinds}
    return _anything(inlet)


def _anything(inlet: Inlet) -> Node:
    """Leave the schema to the protocol, which others define."""
    whatever: Node = {"schema": {}}
    return dict.fromkeys(inlet.kinds, whatever)


def _answers() -> Node:
    taken = {JSON: {"schema": {"$ref": "#/components/schemas/Taken"}}}
    return {
        "202": {
            "description": "What was accepted is durable; what was not is told by index.",
            "content": taken,
        },
        "422": {"description": "Every event is refused.", "content": _problem()},
    }


def _exported(inlet: Inlet) -> Node:
    told = "What was accepted is durable; `partialSuccess` tells what was not."
    return {"200": {"description": told, "content": _anything(inlet)}}


def _refused(inlet: Inlet) -> Node:
    content = _problem() if inlet.kinds is KINDS else _anything(inlet)
    return {status: {"description": text, "content": content} for status, text in REFUSALS.items()}


def _problem() -> Node:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
