"""Dimensions: the words cost is asked by, and how a raw value becomes one of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

UNTAGGED = "(untagged)"
UNALLOCATED = "(unallocated)"
SHARED = "(shared)"
RESERVED = (UNTAGGED, UNALLOCATED, SHARED)
"""Values that name nobody: `present` means any other, `absent` one of these."""

BUILT_IN = ("customer", "team", "service", "environment")
"""Dimensions every set of books has, declared or not."""

STANDARD_ALIASES: dict[str, str] = {
    "prod": "production",
    "prd": "production",
    "live": "production",
    "stg": "staging",
    "stage": "staging",
    "dev": "development",
    "devel": "development",
    "qa": "test",
}
"""Spelling every team invents again; used for the dimension `environment`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """One explicit line of a dimension: charges that match all of `match` have `value`.

    Keys are names of costper.model.charge.ATTRIBUTES or `tags.KEY`; values are patterns with
    `*` and `?`, compared on the normal form.
    """

    match: Mapping[str, tuple[str, ...]]
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """How one dimension is read: explicit lines first, then the first field with a value."""

    name: str
    fields: tuple[str, ...]
    rules: tuple[When, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict[str, str])


def normal(text: str) -> str:
    """Give the one form in which keys and values are compared: NFC, trimmed, case-folded.

    >>> normal("  PROD ")
    'prod'
    """
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded).strip()
