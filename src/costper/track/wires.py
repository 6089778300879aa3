"""Which provider an address belongs to, and in which format it answers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

CHAT = "chat/completions"
ENDS = (
    CHAT,
    "completions",
    "responses",
    "embeddings",
    "messages",
    "audio/transcriptions",
    "audio/translations",
    "audio/speech",
    "images/generations",
    "images/edits",
    "invoke",
    "invoke-with-response-stream",
)
LAST = frozenset(end.rpartition("/")[2] for end in ENDS)
VERTEX = (":rawPredict", ":streamRawPredict")

HOSTS: dict[str, str] = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "openrouter.ai": "openrouter",
    "api.groq.com": "groq",
    "api.deepseek.com": "deepseek",
    "api.x.ai": "x-ai",
    "api.mistral.ai": "mistral",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.fireworks.ai": "fireworks",
    "api.perplexity.ai": "perplexity",
    "api.cerebras.ai": "cerebras",
    "api.moonshot.ai": "moonshotai",
    "generativelanguage.googleapis.com": "google",
    "openai.azure.com": "azure",
    "cognitiveservices.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "aiplatform.googleapis.com": "google",
    "amazonaws.com": "aws",
    "api.aws": "aws",
}
"""Host, or its end after a dot or a dash -> provider."""

OWN_WIRES: dict[str, tuple[str, tuple[str, ...]]] = {
    "openrouter": ("openrouter", ("completions", "responses")),
    "groq": ("groq", (CHAT,)),
    "deepseek": ("deepseek", ("completions",)),
    "x-ai": ("xai", ("completions", "responses")),
    "mistral": ("mistral", (CHAT, "embeddings")),
}
"""Providers that say usage in their own way, and where."""

OLLAMA_PORT = 11434


@dataclass(frozen=True, slots=True)
class Route:
    """Where a call went; `model` is the one the address names, '' where it names none."""

    provider: str
    wire: str
    model: str = ""


def is_metered(method: str, path: str) -> bool:
    """Tell whether a request is one that providers bill; cheap, for every request is asked.

    >>> is_metered("POST", "/v1/chat/completions"), is_metered("POST", "/v1/messages/count_tokens")
    (True, False)
    """
    parts = path.rsplit("/", 2)
    last = parts[-1]
    if method == "POST":
        return (last in LAST and path.endswith(ENDS) and "/threads/" not in path) or (
            ":" in last and last.endswith(VERTEX)
        )
    # A response made in the background says its usage when it is fetched.
    return method == "GET" and len(parts) > 1 and parts[-2] == "responses"


def route_of(url: str, own: str) -> Route:
    """Say whose call this was; `own` is the provider the client library is made for.

    >>> route_of("https://api.groq.com/openai/v1/chat/completions", "openai")
    Route(provider='groq', wire='groq', model='')
    >>> route_of("https://a.openai.azure.com/openai/deployments/gpt-4o/chat/completions", "openai")
    Route(provider='azure', wire='openai_chat', model='gpt-4o')
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    provider = _provider(host, parts.port) or own
    path = unquote(parts.path)
    return Route(provider, _wire(provider, path), _model(path))


def _provider(host: str, port: int | None) -> str:
    for end, provider in HOSTS.items():
        if host == end or host.endswith((f".{end}", f"-{end}")):
            return provider
    return "ollama" if port == OLLAMA_PORT else ""


def _wire(provider: str, path: str) -> str:
    if path.endswith(("/messages", "/invoke", "/invoke-with-response-stream", *VERTEX)):
        return "anthropic"
    own, ends = OWN_WIRES.get(provider, ("", ()))
    if own and path.endswith(ends):
        return own
    if "/audio/" in path:
        return "openai_audio"
    if path.endswith("/embeddings"):
        return "openai_embeddings"
    if "/images/" in path:
        return "openai_images"
    return "openai_responses" if "/responses" in path else "openai_chat"


def _model(path: str) -> str:
    for mark in ("/deployments/", "/model/", "/models/"):
        _, found, rest = path.partition(mark)
        if found:
            return rest.split("/")[0].partition(":rawPredict")[0].partition(":streamRaw")[0]
    return ""
