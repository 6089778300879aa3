"""Writes instants the one way answers do."""

from __future__ import annotations

from datetime import UTC, datetime


def instant(text: str) -> str:
    """Write an ISO instant in UTC to the second; "" where there is none.

    >>> instant("2026-11-20T06:00:00.25+00:00"), instant("2026-11-20T08:00:00+02:00")
    ('2026-11-20T06:00:00Z', '2026-11-20T06:00:00Z')
    """
    if not text:
        return ""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
