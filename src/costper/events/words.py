"""The words of an event that are one of few: tier, status, data mode and environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from costper.errors import suggestion
from costper.model.call import DATA_MODES, TIERS
from costper.model.dimension import STANDARD_ALIASES, normal

PRODUCTION = "production"
STATUSES = ("ok", "error", "timeout", "cancelled", "rate_limited")
SAID_STATUS: Mapping[str, str] = {
    "": "ok",
    **{word: word for word in STATUSES},
    "success": "ok",
    "succeeded": "ok",
    "completed": "ok",
    "stop": "ok",
    "failed": "error",
    "failure": "error",
    "timed_out": "timeout",
    "canceled": "cancelled",
    "aborted": "cancelled",
    "disconnected": "cancelled",
    "rate_limit": "rate_limited",
    "ratelimited": "rate_limited",
    "throttled": "rate_limited",
}
SAID_TIER: Mapping[str, str] = {
    "": "standard",
    **{word: word for word in TIERS},
    "default": "standard",
    "auto": "standard",
    "on_demand": "standard",
    "ondemand": "standard",
    "standard_only": "standard",
    "scale": "standard",
}
SAID_MODE: Mapping[str, str] = {"": "real", **{word: word for word in DATA_MODES}}
STATUS_OF_HTTP = {408: "timeout", 429: "rate_limited", 499: "cancelled", 504: "timeout"}
LONGEST_WORD = 64
"""No word of ours is near a longer one."""

FIRST_OK, FIRST_ERROR, LAST_HTTP = 100, 400, 599
LONGEST_HTTP = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownWord:
    """A word nobody knows: the field it stands in, the word, and what may have been meant."""

    field: str
    said: str
    hint: str


def status_of(said: str) -> str | UnknownWord:
    """Give how a call ended; an HTTP status is read as one.

    >>> status_of("Success"), status_of("429"), status_of("503")
    ('ok', 'rate_limited', 'error')
    """
    word = normal(said).replace("-", "_")
    found = SAID_STATUS.get(word)
    if found is not None:
        return found
    number = int(word) if word.isascii() and word.isdecimal() and len(word) <= LONGEST_HTTP else 0
    if FIRST_OK <= number <= LAST_HTTP:
        return STATUS_OF_HTTP.get(number, "ok" if number < FIRST_ERROR else "error")
    return UnknownWord(field="status", said=said, hint=_meant(word[:LONGEST_WORD], STATUSES))


def tier_of(said: str) -> str | UnknownWord:
    """Give the tier a call was served at.

    >>> tier_of("default"), tier_of("Flex")
    ('standard', 'flex')
    """
    word = normal(said).replace("-", "_")
    found = SAID_TIER.get(word)
    if found is not None:
        return found
    return UnknownWord(field="serviceTier", said=said, hint=_meant(word[:LONGEST_WORD], TIERS))


def mode_of(said: str) -> str | UnknownWord:
    """Give whether a call was real, a test or a demo."""
    found = SAID_MODE.get(normal(said))
    if found is not None:
        return found
    return UnknownWord(
        field="dataMode", said=said, hint=_meant(normal(said)[:LONGEST_WORD], DATA_MODES)
    )


def environment_of(said: str) -> str:
    """Give the environment in the words every team shares; production where none is said.

    >>> environment_of("Prod"), environment_of(""), environment_of("blue")
    ('production', 'production', 'blue')
    """
    word = normal(said)
    return STANDARD_ALIASES.get(word, word) or PRODUCTION


@lru_cache(maxsize=1024)
def _meant(word: str, known: tuple[str, ...]) -> str:
    """Say what may be meant: whoever errs does so in every event, and the search takes longest."""
    return suggestion(word, known)
