"""Tells text people write from bytes that steer a terminal or a log."""

from __future__ import annotations

from unicodedata import category

STEERING = frozenset(("Cc", "Cs", "Zl", "Zp"))
"""Controls, halves of surrogates, and ends of lines and paragraphs (Unicode, table 4-4)."""


def is_spelled(text: str) -> bool:
    r"""Say whether a text is letters, marks, signs and spaces alone.

    Joiners and marks of direction are part of how some scripts and emoji are spelled.

    >>> [is_spelled(it) for it in ("acme", "\u05e9\u200f!", "\U0001f469\u200d\U0001f467")]
    [True, True, True]
    >>> [is_spelled(it) for it in ("a\x00b", "a\nb", "\ud800", "\u2028")]
    [False, False, False, False]
    """
    return text.isprintable() or not any(category(it) in STEERING for it in text)
