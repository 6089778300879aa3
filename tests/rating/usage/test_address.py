"""A request's URL says who answers, in which wire format, and where it can, which model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.rating.usage import WIRES, wire_for, wire_of

GEMINI = "https://generativelanguage.googleapis.com/v1beta"
VERTEX = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
BEDROCK = "https://bedrock-runtime.eu-west-1.amazonaws.com"
AZURE = "https://acme.openai.azure.com"
PROFILE = "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ainference-profile%2Fus.anthropic.claude-v1%3A0"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://api.openai.com/v1/chat/completions", ("openai", "openai_chat", "")),
        ("https://eu.api.openai.com/v1/completions", ("openai", "openai_chat", "")),
        ("https://api.openai.com/v1/responses", ("openai", "openai_responses", "")),
        ("https://api.openai.com/v1/responses/resp_1", ("openai", "openai_responses", "")),
        ("https://api.openai.com/v1/embeddings", ("openai", "openai_embeddings", "")),
        ("https://api.openai.com/v1/audio/transcriptions", ("openai", "openai_audio", "")),
        (
            "wss://api.openai.com/v1/realtime?model=gpt-realtime",
            ("openai", "openai_realtime", "gpt-realtime"),
        ),
        ("https://api.openai.com/v1/models", None),
        (
            f"{AZURE}/openai/deployments/gpt-4o/chat/completions?api-version=2024-12-01",
            ("azure", "openai_chat", "gpt-4o"),
        ),
        (f"{AZURE}/openai/v1/responses", ("azure", "openai_responses", "")),
        (f"{AZURE}/openai/realtime?deployment=rt", ("azure", "openai_realtime", "rt")),
        (
            "https://acme.services.ai.azure.com/anthropic/v1/messages",
            ("azure", "anthropic", ""),
        ),
        ("https://api.anthropic.com/v1/messages?beta=true", ("anthropic", "anthropic", "")),
        ("https://api.anthropic.com/v1/messages/count_tokens", None),
        (
            f"{GEMINI}/models/gemini-2.5-flash:generateContent",
            ("google", "gemini", "gemini-2.5-flash"),
        ),
        (
            f"{GEMINI}/models/gemini-3-pro:streamGenerateContent?alt=sse",
            ("google", "gemini", "gemini-3-pro"),
        ),
        (f"{GEMINI}/models/gemini-3-pro:countTokens", None),
        (f"{GEMINI}/cachedContents", ("google", "gemini", "")),
        (f"{GEMINI}/openai/chat/completions", ("google", "openai_chat", "")),
        (
            f"{VERTEX}/publishers/anthropic/models/claude-opus-5:streamRawPredict",
            ("google", "anthropic", "claude-opus-5"),
        ),
        (f"{VERTEX}/publishers/anthropic/models/count-tokens:rawPredict", None),
        (
            f"{VERTEX}/publishers/google/models/gemini-2.5-pro:generateContent",
            ("google", "gemini", "gemini-2.5-pro"),
        ),
        (
            "https://aiplatform.googleapis.com/v1/publishers/google/models/g:generateContent",
            ("google", "gemini", "g"),
        ),
        (
            f"{BEDROCK}/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream",
            ("aws", "bedrock_converse", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ),
        (
            f"{BEDROCK}/model/amazon.titan/invoke-with-response-stream",
            ("aws", "bedrock_invoke", "amazon.titan"),
        ),
        (
            f"{BEDROCK}/model/{PROFILE}/invoke",
            ("aws", "bedrock_invoke", "us.anthropic.claude-v1:0"),
        ),
        (f"{BEDROCK}/openai/v1/chat/completions", ("aws", "openai_chat", "")),
        ("https://api.mistral.ai/v1/chat/completions", ("mistral", "mistral", "")),
        ("https://codestral.mistral.ai/v1/fim/completions", ("mistral", "mistral", "")),
        ("https://api.groq.com/openai/v1/chat/completions", ("groq", "groq", "")),
        ("https://api.groq.com/openai/v1/audio/transcriptions", ("groq", "openai_audio", "")),
        ("https://api.deepseek.com/beta/chat/completions", ("deepseek", "deepseek", "")),
        ("https://api.deepseek.com/anthropic/v1/messages", ("deepseek", "anthropic", "")),
        ("https://api.cohere.com/v2/chat", ("cohere", "cohere", "")),
        ("https://api.x.ai/v1/responses", ("x-ai", "xai", "")),
        ("https://openrouter.ai/api/v1/chat/completions", ("openrouter", "openrouter", "")),
        ("http://127.0.0.1:11434/api/chat", ("ollama", "ollama", "")),
        ("http://user:pw@llm.local:11434/v1/chat/completions/", ("ollama", "openai_chat", "")),
        ("https://api.together.xyz/v1/chat/completions", ("together", "openai_chat", "")),
        ("https://api.openai.com.evil.example/v1/chat/completions", None),
        ("https://evil.example/?u=https://api.openai.com/v1/chat/completions", None),
        ("http://localhost:5002/v1/chat/completions", None),
        ("", None),
    ],
)
def test_a_url_is_known(url: str, found: tuple[str, str, str] | None) -> None:
    assert wire_of(url) == found


@given(st.text(max_size=60))
def test_no_text_raises(url: str) -> None:
    wire_of(url)
    wire_of(f"https://bedrock-runtime.x.amazonaws.com/model/{url}/converse")
    assert wire_for(url) in WIRES


@pytest.mark.parametrize(
    ("provider", "wire"),
    [
        ("openai", "openai_chat"),
        ("azure", "openai_chat"),
        ("anthropic", "anthropic"),
        ("Google", "gemini"),
        ("aws", "bedrock_converse"),
        ("x-ai", "xai"),
        ("fireworks", "openai_chat"),
    ],
)
def test_a_provider_has_a_usual_wire(provider: str, wire: str) -> None:
    assert wire_for(provider) == wire
