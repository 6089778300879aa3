"""Makes the event costper is told of one attempt, in the sender's thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from costper.track.bodies import Body, Node, body_of, node_of
from costper.track.guess import made_tokens, sent_tokens
from costper.track.reduced import reduced, reduced_chunks
from costper.track.tape import Tape
from costper.track.wires import Route, route_of

MICROS = 1_000
MILLIS = 1_000_000
OK, ELSEWHERE, MANY, FAULTS = 200, 300, 429, 400
TIMEOUTS = frozenset({408, 504})
LONGEST_ID = 256
SHORTEST_ID = 20
"""Some servers give ids that come again after a thousand calls: shorter ones are not trusted."""

RUNNING = frozenset({"queued", "in_progress"})
ENDS = frozenset(
    {
        *("[DONE]", "message_stop", "response.completed", "response.incomplete"),
        *("response.failed", "response.done", "transcript.text.done", "speech.audio.done"),
        *("image_generation.completed", "image_edit.completed"),
    }
)


def event_of(tape: Tape) -> dict[str, object] | None:
    """Give the event of an attempt; None where it says nothing yet, or is told elsewhere.

    Its `response` or `responseChunks` hold what the provider says of usage, and no text. Where
    the provider says nothing, tokens are estimated from the length of the text, and marked so.
    """
    if ELSEWHERE <= tape.status < FAULTS:
        return None
    route = route_of(tape.url, tape.provider)
    request = node_of(tape.request) or {}
    body = body_of(tape) if OK <= tape.status < FAULTS else Body(())
    if _is_waiting(tape, body):
        return None
    event: dict[str, object] = {
        **tape.usual,
        **tape.labels,
        "provider": tape.named or route.provider,
        "model": tape.model or _word(request.get("model")) or route.model,
        "operationId": tape.labels.get("operationId") or tape.operation,
        "attempt": tape.attempt,
        "timestamp": tape.began_ns // MICROS,
        "latencyMs": tape.took_ns // MILLIS,
        "status": _status(tape, body),
    }
    event["externalRequestId"] = _id(str(event["provider"]), _said_id(body.nodes)) or tape.id
    if OK <= tape.status < FAULTS:
        _tell_usage(event, route, body, request)
    return event


def _tell_usage(event: dict[str, object], route: Route, body: Body, request: Node) -> None:
    if body.nodes:
        event["wire"] = route.wire
        if body.streamed:
            chunks = [node for node in body.nodes if node.get("type") != "[DONE]"]
            event["responseChunks"] = reduced_chunks(chunks)
        else:
            event["response"] = reduced(body.nodes[0])
    if not any(_has_usage(node) for node in body.nodes):
        event["inputTokens"] = sent_tokens(request)
        event["outputTokens"] = made_tokens(body.nodes)
        event["estimated"] = True


def _is_waiting(tape: Tape, body: Body) -> bool:
    """Tell a response of the background, told when it is fetched; and a fetch of another one."""
    if body.streamed or not body.nodes:
        return tape.method == "GET"
    node = body.nodes[0]
    if node.get("status") in RUNNING and not _has_usage(node):
        return True
    return tape.method == "GET" and not (node.get("background") and _has_usage(node))


def _status(tape: Tape, body: Body) -> str:
    if tape.ending == "timeout" or tape.status in TIMEOUTS:
        return "timeout"
    if tape.status >= FAULTS:
        return "rate_limited" if tape.status == MANY else "error"
    if any(node.get("type") == "error" or node.get("error") for node in body.nodes):
        return "error"
    if tape.ending == "read" or _is_ended(body):
        return "ok"
    return "error" if tape.ending == "failed" else "cancelled"


def _is_ended(body: Body) -> bool:
    """Tell a stream that was read to its end, though its connection was closed early."""
    return any(node.get("type") in ENDS for node in body.nodes[-2:])


def _has_usage(node: Node) -> bool:
    if any(isinstance(node.get(key), Mapping) for key in ("usage", "x_groq", "usageMetadata")):
        return True
    return any(
        isinstance(cast("Node", node.get(key)).get("usage"), Mapping)
        for key in ("response", "message")
        if isinstance(node.get(key), Mapping)
    )


def _said_id(nodes: tuple[Node, ...]) -> str:
    """Give the response's own id, the same that a proxy on the way would read."""
    for node in nodes[:2]:
        for inner in (node, node.get("message"), node.get("response")):
            said = cast("Node", inner).get("id") if isinstance(inner, Mapping) else None
            if isinstance(said, str) and len(said) >= SHORTEST_ID:
                return said
    return ""


def _id(provider: str, said: str) -> str:
    return f"{provider}:{said}"[:LONGEST_ID] if said else ""


def _word(said: object) -> str:
    return said[:LONGEST_ID] if isinstance(said, str) else ""
