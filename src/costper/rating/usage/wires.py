"""Every wire format there is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from costper.rating.usage.anthropic import ANTHROPIC
from costper.rating.usage.base import Wire
from costper.rating.usage.bedrock_converse import BEDROCK_CONVERSE
from costper.rating.usage.bedrock_invoke import BEDROCK_INVOKE
from costper.rating.usage.cohere import COHERE
from costper.rating.usage.deepseek import DEEPSEEK
from costper.rating.usage.gemini import GEMINI
from costper.rating.usage.groq import GROQ
from costper.rating.usage.mistral import MISTRAL
from costper.rating.usage.ollama import OLLAMA
from costper.rating.usage.openai_audio import OPENAI_AUDIO
from costper.rating.usage.openai_chat import OPENAI_CHAT
from costper.rating.usage.openai_embeddings import OPENAI_EMBEDDINGS
from costper.rating.usage.openai_images import OPENAI_IMAGES
from costper.rating.usage.openai_realtime import OPENAI_REALTIME
from costper.rating.usage.openai_responses import OPENAI_RESPONSES
from costper.rating.usage.openrouter import OPENROUTER
from costper.rating.usage.xai import XAI

WIRES: Mapping[str, Wire] = MappingProxyType(
    {
        wire.name: wire
        for wire in (
            OPENAI_CHAT,
            OPENAI_RESPONSES,
            OPENAI_EMBEDDINGS,
            OPENAI_AUDIO,
            OPENAI_IMAGES,
            OPENAI_REALTIME,
            ANTHROPIC,
            GEMINI,
            BEDROCK_CONVERSE,
            BEDROCK_INVOKE,
            MISTRAL,
            GROQ,
            DEEPSEEK,
            COHERE,
            XAI,
            OPENROUTER,
            OLLAMA,
        )
    }
)
"""Wire formats by name. Azure speaks OpenAI's; Vertex speaks gemini and anthropic."""

OF_PROVIDER: Mapping[str, str] = MappingProxyType(
    {
        "anthropic": "anthropic",
        "aws": "bedrock_converse",
        "bedrock": "bedrock_converse",
        "cohere": "cohere",
        "deepseek": "deepseek",
        "gemini": "gemini",
        "google": "gemini",
        "groq": "groq",
        "mistral": "mistral",
        "ollama": "ollama",
        "openrouter": "openrouter",
        "vertex": "gemini",
        "x-ai": "xai",
        "xai": "xai",
    }
)

USUAL = "openai_chat"
"""What nearly everyone else speaks: OpenAI, Azure, Together, Fireworks, vLLM, LiteLLM."""


def wire_for(provider: str) -> str:
    """Name the wire format of a provider's most usual endpoint.

    >>> wire_for("google"), wire_for("azure"), wire_for("x-ai")
    ('gemini', 'openai_chat', 'xai')
    """
    return OF_PROVIDER.get(provider.lower(), USUAL)
