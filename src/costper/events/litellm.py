"""Reads what LiteLLM logs of a call: its StandardLoggingPayload, one or an array of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

import msgspec

from costper.events.attributes import Members, total_input
from costper.events.batch import Batch, Remark
from costper.events.event import Event
from costper.events.faults import remark_of, unreadable
from costper.events.payload import (
    BROKEN,
    MOST_EVENTS,
    elements_of,
    gathered,
    value_of,
)
from costper.events.words import UnknownWord, status_of

Node = Mapping[str, object]
TAGS = {
    "feature": "endpointTag",
    "prompt_version": "promptVersion",
    "user": "userId",
    "tenant": "tenantId",
    "customer": "customerId",
    "environment": "environment",
    "data_mode": "dataMode",
    "outcome": "outcome",
    "service_account": "serviceAccount",
}
"""What callers may say in their metadata, or in tags written `feature:search`."""

IN_PROMPT = {
    "cacheReadTokens": ("cached_tokens",),
    "cacheWriteTokens": ("cache_creation_tokens", "cache_write_tokens"),
    "audioInputTokens": ("audio_tokens",),
    "imageInputTokens": ("image_tokens",),
}
IN_COMPLETION = {
    "reasoningTokens": ("reasoning_tokens",),
    "audioOutputTokens": ("audio_tokens",),
    "imageOutputTokens": ("image_tokens",),
}
PROVIDERS = {
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "sagemaker": "aws",
    "vertex_ai": "google",
    "vertex_ai_beta": "google",
    "gemini": "google",
    "azure_ai": "azure",
    "azure_text": "azure",
    "cohere_chat": "cohere",
    "text-completion-openai": "openai",
    "ollama_chat": "ollama",
    "xai": "x-ai",
}

FAR = 10**15
"""Seconds no call begins or ends after, in whatever unit a clock says them."""


def read_litellm(body: bytes, *, most: int = MOST_EVENTS) -> Batch:
    """Give the calls of a body of LiteLLM's generic API callback: one, an array, or lines.

    Raises:
        TooManyError: there are more than `most`.
        PayloadError: it is no JSON.
    """
    pieces = elements_of(body, most=most)
    batch = Batch(total=len(pieces), lenient=True)
    return gathered(batch, pieces, lambda index, piece: _read(piece, batch, index))


def _read(piece: bytes, batch: Batch, index: int) -> Event | Remark:
    try:
        said = value_of(piece)
    except BROKEN as error:
        return unreadable(index, error)
    if not isinstance(said, dict):
        return Remark(index=index, code="invalid", reason="a call is a JSON object")
    try:
        return msgspec.convert(members_of(cast("Node", said), batch, index), Event)
    except msgspec.ValidationError as error:
        return remark_of(index, str(error))


def members_of(said: Node, batch: Batch, index: int) -> Members:
    """Give the members of the event a StandardLoggingPayload tells of.

    The usage is the provider's own where LiteLLM hands it on. Its `response_cost` is reckoned
    from a price list without dates, so it is only taken where no token was counted.
    """
    metadata = _node(said, "metadata")
    members: Members = {
        **_who(said, metadata),
        **_usage(said, metadata),
        "provider": _provider(said),
        "model": _model(said),
        "status": _status(said),
        "operationId": _text(said, "trace_id"),
        "sessionId": _text(said, "session_id"),
    }
    tier = _text(_node(said, "cost_breakdown"), "service_tier")
    began, ended = said.get("startTime"), said.get("endTime")
    if tier:
        members["serviceTier"] = tier
    if isinstance(began, int | float) and began > 0:
        members["timestamp"] = began
        if isinstance(ended, int | float) and ended >= began:
            # A whole number in JSON may be larger than any float.
            members["latencyMs"] = (min(ended, FAR) - min(began, FAR)) * 1000.0
    own = _text(said, "id") or _text(said, "litellm_call_id")
    members["externalRequestId"] = f"{members['provider']}:{own}" if own else ""
    total_input(members, batch, index)
    _cost(members, said)
    return members


def _cost(members: Members, said: Node) -> None:
    """A reply from LiteLLM's cache costs nothing; one without tokens costs what LiteLLM says."""
    cost = said.get("response_cost")
    if said.get("cache_hit") is True:
        members["providerCost"] = "0"
    elif (
        isinstance(cost, int | float)
        and cost > 0
        and not (members.get("inputTokens") or members.get("outputTokens"))
    ):
        members["providerCost"] = cost
        members["estimated"] = True


def _who(said: Node, metadata: Node) -> Members:
    """Read who caused a call: what the caller said in metadata or tags, then the key's holder."""
    found: Members = {}
    tags = said.get("request_tags")
    for tag in cast("list[object]", tags if isinstance(tags, list) else []):
        name, colon, value = str(tag).partition(":")
        if colon and name in TAGS:
            found[TAGS[name]] = value.strip()
    for key in ("requester_metadata", "spend_logs_metadata"):
        own = _node(metadata, key)
        found |= {TAGS[name]: _text(own, name) for name in TAGS.keys() & own.keys()}
    for name, word in _holder(said, metadata):
        if word:
            found.setdefault(name, word)
    return found


def _holder(said: Node, metadata: Node) -> Iterator[tuple[str, str]]:
    """Give what LiteLLM itself knows of the caller, the nearest to the call first."""
    yield "userId", _text(said, "end_user")
    yield "userId", _text(metadata, "user_api_key_end_user_id")
    yield "userId", _text(metadata, "user_api_key_user_id")
    yield "tenantId", _text(metadata, "user_api_key_org_id")
    yield "team", _text(metadata, "user_api_key_team_alias")
    yield "team", _text(metadata, "user_api_key_team_id")
    yield "endpointTag", _text(metadata, "user_api_key_alias")


def _usage(said: Node, metadata: Node) -> Members:
    usage = _node(metadata, "usage_object") or said
    prompt = _node(usage, "prompt_tokens_details") or _node(usage, "input_tokens_details")
    completion = _node(usage, "completion_tokens_details") or _node(usage, "output_tokens_details")
    found: Members = {
        "inputTokens": _count(usage, "prompt_tokens", "input_tokens"),
        "outputTokens": _count(usage, "completion_tokens", "output_tokens"),
        **{name: _count(prompt, *keys) for name, keys in IN_PROMPT.items()},
        **{name: _count(completion, *keys) for name, keys in IN_COMPLETION.items()},
    }
    for name, key in {
        "cacheReadTokens": "cache_read_input_tokens",
        "cacheWriteTokens": "cache_creation_input_tokens",
    }.items():
        found[name] = found[name] or _count(usage, key)
    hour = _count(_node(prompt, "cache_creation_token_details"), "ephemeral_1h_input_tokens")
    searches = _count(_node(usage, "server_tool_use"), "web_search_requests")
    return {**found, "cacheWrite1hTokens": hour, "webSearches": searches}


def _provider(said: Node) -> str:
    word = _text(said, "custom_llm_provider")
    return PROVIDERS.get(word, word)


def _model(said: Node) -> str:
    """Give the model without the provider LiteLLM writes before it."""
    model = _text(said, "model")
    return model.removeprefix(f"{_text(said, 'custom_llm_provider')}/") or model


def _status(said: Node) -> str:
    word = status_of(_text(said, "status"))
    status = "error" if isinstance(word, UnknownWord) else word
    if status == "ok":
        return status
    code = status_of(_text(_node(said, "error_information"), "error_code") or "error")
    return status if isinstance(code, UnknownWord) or code == "ok" else code


def _node(said: Node, name: str) -> Node:
    found = said.get(name)
    return cast("Node", found) if isinstance(found, dict) else {}


def _text(said: Node, name: str) -> str:
    found = said.get(name)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _count(said: Node, *names: str) -> object:
    """Give the first count there is; 0 where there is none, for LiteLLM writes null for it."""
    return next((said[name] for name in names if said.get(name) is not None), 0)
