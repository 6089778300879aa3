"""What vendors say of caching prompts: how long a prefix must be, and who caches unasked.

The figures are those of the vendors' guides in November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping

WINDOW_MINUTES = 5
"""A prefix is kept so long after it was last used."""

USUAL_LEAST = 1024
LEAST: tuple[tuple[str, int], ...] = (
    ("haiku-4-5", 4096),
    ("haiku-5", 4096),
    ("haiku", 2048),
    ("opus-4-5", 4096),
    ("opus-4-6", 4096),
    ("opus-4-7", 4096),
    ("opus-4-8", 4096),
    ("opus-5", 4096),
    ("gemini-2.5-flash", 1024),
    ("gemini", 4096),
    ("deepseek", 64),
)
"""Part of a model's name → the shortest prefix it caches; the first that fits counts."""

UNASKED: Mapping[str, str] = dict.fromkeys(
    ("openai", "azure", "google", "deepseek", "x-ai", "groq", "moonshotai"), "caches by itself"
)
"""Providers that look for a repeated prefix without being asked."""


def least_prefix(model: str) -> int:
    """Give the shortest prefix that a model caches, in tokens.

    >>> least_prefix("claude-opus-4-6"), least_prefix("gpt-5")
    (4096, 1024)
    """
    said = model.lower()
    return next((least for word, least in LEAST if word in said), USUAL_LEAST)


def caches_unasked(provider: str) -> bool:
    """Say whether a provider caches repeated prefixes by itself."""
    return provider in UNASKED
