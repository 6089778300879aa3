"""What a span or a log record says, however it was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Signal = Literal["traces", "logs"]
FAILED = 2
"""STATUS_CODE_ERROR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One span or log record: its attributes with those of its resource, ids in hex, times in ns.

    `spans` is false for a log record, which only tells of a call where it has the tokens.
    """

    said: dict[str, object]
    trace: str
    span: str
    start: int
    end: int
    failed: bool
    spans: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """A span or record nothing can be read of, and why."""

    why: str
