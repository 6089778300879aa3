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


def hour_text(hour: datetime) -> str:
    """Write an hour, in UTC.

    >>> hour_text(datetime(2026, 10, 20, 3))
    '2026-10-20T03:00Z'
    """
    return f"{hour:%Y-%m-%dT%H:00Z}"
