"""Who answers at a URL, in which wire format, and for which model."""

from __future__ import annotations

import re

Found = tuple[str, str, str]

OPENAI_PATHS = (
    ("/chat/completions", "openai_chat"),
    ("/completions", "openai_chat"),
    ("/responses", "openai_responses"),
    ("/embeddings", "openai_embeddings"),
    ("/audio/transcriptions", "openai_audio"),
    ("/audio/translations", "openai_audio"),
    ("/audio/speech", "openai_audio"),
    ("/images/generations", "openai_images"),
    ("/images/edits", "openai_images"),
    ("/realtime", "openai_realtime"),
    ("/messages", "anthropic"),
)
"""Endpoints that are billed by what they say they used, by the end of their path."""

OWN_PATHS = {
    "mistral": ("/chat/completions", "/fim/completions", "/agents/completions", "/embeddings"),
    "groq": ("/chat/completions",),
    "deepseek": ("/chat/completions", "/completions"),
    "openrouter": ("/chat/completions", "/completions", "/responses"),
    "xai": ("/chat/completions", "/completions", "/responses"),
    "cohere": ("/chat", "/embed", "/rerank", "/classify", "/generate"),
    "ollama": ("/api/chat", "/api/generate", "/api/embed", "/api/embeddings"),
}
"""Paths that a wire format reads itself; a provider's other paths are as at OpenAI."""

HOSTS: tuple[tuple[str, str, str], ...] = (
    (r"(?:[a-z]{2}\.)?api\.openai\.com", "openai", ""),
    (r"api\.anthropic\.com", "anthropic", ""),
    (r"(?:api|codestral)\.mistral\.ai", "mistral", "mistral"),
    (r"api\.groq\.com", "groq", "groq"),
    (r"api\.deepseek\.com", "deepseek", "deepseek"),
    (r"api\.cohere\.(?:com|ai)", "cohere", "cohere"),
    (r"(?:[a-z0-9-]+\.)?api\.x\.ai", "x-ai", "xai"),
    (r"(?:api\.)?openrouter\.ai", "openrouter", "openrouter"),
    (r"api\.together\.(?:xyz|ai)", "together", ""),
    (r"api\.fireworks\.ai", "fireworks", ""),
    (r"api\.perplexity\.ai", "perplexity", ""),
    (r"api\.cerebras\.ai", "cerebras", ""),
    (r"api\.moonshot\.(?:ai|cn)", "moonshotai", ""),
)
"""Host (a pattern), provider, and the provider's own wire format where it has one."""

AZURE = re.compile(
    r"[a-z0-9.-]+\.(?:openai\.azure\.com|cognitiveservices\.azure\.com|services\.ai\.azure\.com"
    r"|azure-api\.net|openai\.azure\.us)"
)
BEDROCK = re.compile(
    r"bedrock(?:-runtime|-mantle)[a-z0-9.-]*\.(?:amazonaws\.com(?:\.cn)?|api\.aws)"
)
GOOGLE = re.compile(
    r"(?:[a-z0-9-]+-)?(?:aiplatform|generativelanguage)(?:\.[a-z0-9-]+\.rep)?\.googleapis\.com"
)
LONGEST_URL = 4_096
DEPLOYMENT = re.compile(r"/openai/deployments/([^/]+)/")
BEDROCK_MODEL = re.compile(r"/model/([^/]+)/(converse|invoke)(?:-[a-z-]+)?$")
GOOGLE_MODEL = re.compile(r"/(?:publishers/([a-z0-9-]+)/)?models/([^/:]+):([A-Za-z]+)")
GOOGLE_WIRES = {"anthropic": "anthropic", "mistralai": "mistral"}
GOOGLE_FREE = frozenset({"countTokens", "count-tokens", "computeTokens"})
RESPONSE_ID = re.compile(r"/responses/[^/]+$")
ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
OLLAMA_PORT = ":11434"


def wire_of(url: str) -> Found | None:
    """Tell provider, wire format and model (or '') of a request's URL; None for any other.

    The model is what the path says: Bedrock's and Google's model, Azure's deployment; the
    response knows better wherever it names one. Counting tokens is not billed: None.

    >>> wire_of("https://bedrock-runtime.us-east-1.amazonaws.com/model/us.amazon.nova-v1%3A0/converse")
    ('aws', 'bedrock_converse', 'us.amazon.nova-v1:0')
    >>> wire_of("https://api.anthropic.com/v1/messages?beta=true")
    ('anthropic', 'anthropic', '')
    """
    url = url[:LONGEST_URL]
    host, path, query = split(url)
    if BEDROCK.fullmatch(host):
        return at_bedrock(path)
    if GOOGLE.fullmatch(host):
        return at_google(path)
    if AZURE.fullmatch(host):
        return at_azure(path, query)
    for pattern, provider, own in HOSTS:
        if re.fullmatch(pattern, host):
            return at_provider(provider, own, path, query)
    if OLLAMA_PORT in authority(url):
        return at_provider("ollama", "ollama", path, query)
    return None


def authority(url: str) -> str:
    """Give the part of a URL that names host and port, in lower case."""
    rest = url.partition("://")[2] or url
    return re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2].lower()


def split(url: str) -> tuple[str, str, str]:
    """Give host, path without a slash at its end, and query."""
    host = authority(url).partition(":")[0]
    rest = (url.partition("://")[2] or url).partition("#")[0]
    before, _, query = rest.partition("?")
    return host, "/" + before.partition("/")[2].rstrip("/"), query


def unescaped(word: str) -> str:
    """Read %XX in a part of a path.

    >>> unescaped("claude%3A0")
    'claude:0'
    """
    raw = word.encode("utf-8", "replace")
    return ESCAPE.sub(lambda hit: bytes([int(hit[1], 16)]), raw).decode("utf-8", "replace")


def asked(query: str, name: str) -> str:
    """Give one parameter of a query; '' where it is not there."""
    for pair in query.split("&"):
        key, _, said = pair.partition("=")
        if key == name:
            return unescaped(said)
    return ""


def at_openai_path(path: str, provider: str, model: str) -> Found | None:
    """Tell an endpoint by the end of its path, as OpenAI names them."""
    path = RESPONSE_ID.sub("/responses", path)
    for end, wire in OPENAI_PATHS:
        if path.endswith(end):
            return provider, wire, model
    return None


def at_provider(provider: str, own: str, path: str, query: str) -> Found | None:
    """Tell an endpoint of a provider by its own wire format first."""
    plain = RESPONSE_ID.sub("/responses", path)
    if own and plain.endswith(OWN_PATHS[own]) and not (own == "ollama" and "/v1/" in path):
        return provider, own, ""
    return at_openai_path(path, provider, asked(query, "model"))


def at_azure(path: str, query: str) -> Found | None:
    """Tell an endpoint of Azure, where the path may name a deployment."""
    found = DEPLOYMENT.search(path)
    named = unescaped(found[1]) if found else asked(query, "deployment") or asked(query, "model")
    return at_openai_path(path, "azure", named)


def at_bedrock(path: str) -> Found | None:
    """Tell an endpoint of Bedrock; an inference profile's ARN is cut to the profile."""
    found = BEDROCK_MODEL.search(path)
    if found is None:
        return at_openai_path(path, "aws", "")
    model, verb = unescaped(found[1]), found[2]
    return "aws", f"bedrock_{verb}", model.rpartition("/")[2] if model.startswith("arn:") else model


def at_google(path: str) -> Found | None:
    """Tell an endpoint of Gemini or Vertex, whoever's model it is."""
    if path.endswith("/cachedContents"):
        return "google", "gemini", ""
    found = GOOGLE_MODEL.search(path)
    if found is None:
        return at_openai_path(path, "google", "")
    publisher, model, verb = found[1] or "google", unescaped(found[2]), found[3]
    if verb in GOOGLE_FREE or model in GOOGLE_FREE:
        return None
    return "google", GOOGLE_WIRES.get(publisher, "gemini"), model
