"""Reads attributes of OpenTelemetry GenAI, of OpenInference, and of their older forms, as an event.

An event counts input with its cached parts and output with reasoning, as OpenTelemetry does.
Costs an instrumentation reckoned from its own price list are not taken: they are nobody's bill.
"""

from __future__ import annotations

from collections.abc import Mapping

from costper.events.batch import Batch, Remark
from costper.events.words import UnknownWord, status_of

Attributes = Mapping[str, object]
Members = dict[str, object]

PROVIDERS: Mapping[str, str] = {
    "aws.bedrock": "aws",
    "bedrock": "aws",
    "gcp.vertex_ai": "google",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "vertex_ai": "google",
    "vertexai": "google",
    "gemini": "google",
    "az.ai.openai": "azure",
    "az.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure_openai": "azure",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "x_ai": "x-ai",
    "xai": "x-ai",
}
"""Words of gen_ai.provider.name, gen_ai.system and llm.system for the providers of the books."""

TEXTS: Mapping[str, tuple[str, ...]] = {
    "provider": ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system"),
    "model": (
        "gen_ai.response.model",
        "gen_ai.request.model",
        "llm.model_name",
        "embedding.model_name",
        "llm.response.model",
        "llm.request.model",
    ),
    "serviceTier": (
        "costper.service_tier",
        "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
    ),
    "endpointTag": (
        "costper.feature",
        "gen_ai.workflow.name",
        "gen_ai.agent.name",
        "service.name",
    ),
    "promptVersion": (
        "costper.prompt_version",
        "gen_ai.prompt.version",
        "llm.prompt_template.version",
    ),
    "userId": (
        "costper.user",
        "user.id",
        "enduser.id",
        "traceloop.association.properties.user_id",
    ),
    "tenantId": (
        "costper.tenant",
        "tenant.id",
        "traceloop.association.properties.tenant_id",
    ),
    "anonId": ("costper.anon_id",),
    "serviceAccount": ("costper.service_account",),
    "customerId": ("costper.customer",),
    "team": ("costper.team",),
    "environment": (
        "costper.environment",
        "deployment.environment.name",
        "deployment.environment",
    ),
    "dataMode": ("costper.data_mode",),
    "sessionId": ("session.id", "gen_ai.conversation.id"),
    "operationId": ("costper.operation",),
    "outcome": ("costper.outcome",),
}
COUNTS: Mapping[str, tuple[str, ...]] = {
    "inputTokens": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.usage.prompt_tokens",
        "llm.token_count.prompt",
    ),
    "outputTokens": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.usage.completion_tokens",
        "llm.token_count.completion",
    ),
    "cacheReadTokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.input_tokens.cached",
        "llm.usage.cache_read_input_tokens",
        "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
    ),
    "cacheWriteTokens": (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "llm.usage.cache_creation_input_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "reasoningTokens": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.output_tokens.reasoning",
        "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
    ),
    "audioInputTokens": (
        "gen_ai.usage.audio.input_tokens",
        "llm.token_count.prompt_details.audio",
    ),
    "audioOutputTokens": (
        "gen_ai.usage.audio.output_tokens",
        "llm.token_count.completion_details.audio",
    ),
    "imageInputTokens": ("gen_ai.usage.image.input_tokens",),
    "imageOutputTokens": ("gen_ai.usage.image.output_tokens",),
}
OPERATION, KIND, LOOP_KIND = (
    "gen_ai.operation.name",
    "openinference.span.kind",
    "traceloop.span.kind",
)
AROUND = frozenset(
    ("invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "plan", "retrieval")
)
"""Operations that hold calls and repeat their usage; counting them would count it twice."""

CALL_KINDS = frozenset(("llm", "embedding", "reranker"))
STATUS_OF = ("error.type", "http.response.status_code", "http.status_code")
LONGEST_COUNT = 18
"""Digits of a count that was written as text."""

ATTEMPT = "costper.attempt"
RESPONSE_ID = "gen_ai.response.id"

PLACES: Mapping[str, tuple[str, int]] = {
    key: (name, rank)
    for table in (TEXTS, COUNTS)
    for name, keys in table.items()
    for rank, key in enumerate(keys)
}
"""Our name for each attribute, and how many others go before it."""

UNSAID = len(PLACES)

READ = frozenset(
    (
        *PLACES,
        *(OPERATION, KIND, LOOP_KIND, *STATUS_OF, ATTEMPT, RESPONSE_ID),
    )
)
"""Every attribute that is read; prompts and answers are not among them."""


def members_of(said: Attributes, batch: Batch, index: int) -> Members | None:
    """Give the members of the event a span or log record tells of; None where it tells of none.

    Cached tokens beyond the input they should be part of mean that the instrumentation counts
    them apart: they are added, and the event is flagged.
    """
    if not _is_call(said):
        return None
    members = _named(said)
    if not ("model" in members or "inputTokens" in members or "outputTokens" in members):
        return None
    provider = str(members.get("provider", ""))
    members["provider"] = PROVIDERS.get(provider.strip().lower(), provider)
    if ATTEMPT in said:
        members["attempt"] = _whole(said[ATTEMPT])
    total_input(members, batch, index)
    return members


def _named(said: Attributes) -> Members:
    """Give what the attributes say by our names; of two for one name the first in its list."""
    members: Members = {}
    ranks: dict[str, int] = {}
    for key, value in said.items():
        place = PLACES.get(key)
        if place is None or value is None or value == "":
            continue
        name, rank = place
        if rank < ranks.get(name, UNSAID):
            ranks[name] = rank
            members[name] = _whole(value) if name in COUNTS else str(value)
    return members


def _is_call(said: Attributes) -> bool:
    operation = said.get(OPERATION)
    if operation:
        return str(operation).lower() not in AROUND
    kind = said.get(KIND)
    if kind:
        return str(kind).lower() in CALL_KINDS
    return not said.get(LOOP_KIND)


def _whole(said: object) -> object:
    """Give a count that was written as text or with a point; anything else as it is."""
    if isinstance(said, float) and said.is_integer():
        return int(said)
    if isinstance(said, str) and said.isascii() and said.isdecimal() and len(said) <= LONGEST_COUNT:
        return int(said)
    return said


def total_input(members: Members, batch: Batch, index: int) -> None:
    """Add cached tokens to an input that does not hold them, and flag it."""
    parts = [
        count
        for name in ("cacheReadTokens", "cacheWriteTokens")
        if isinstance(count := members.get(name, 0), int)
    ]
    total = members.get("inputTokens", 0)
    if isinstance(total, int) and sum(parts) > total >= 0:
        members["inputTokens"] = total + sum(parts)
        batch.warn(
            Remark(
                index=index,
                code="cache_apart",
                reason="cached tokens stand beside the input and not in it; they are added",
                hint="OpenTelemetry counts cached tokens in gen_ai.usage.input_tokens",
                field="inputTokens",
            )
        )


def status_in(said: Attributes, *, failed: bool) -> str:
    """Give how a call ended, by what it failed with."""
    for key in STATUS_OF:
        word = said.get(key)
        if word is not None and word != "":
            found = status_of(str(word))
            if not isinstance(found, UnknownWord) and found != "ok":
                return found
            failed = failed or key == STATUS_OF[0]
    return "error" if failed else "ok"
