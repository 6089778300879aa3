"""What the door counts, in the text form Prometheus reads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from costper.pipeline.answer.frame import Standing

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def unpriced_metrics(calls: int, models: int) -> str:
    """Write how many calls of the last days nobody has a price for, to raise an alarm by."""
    return (
        "# HELP costper_unpriced_calls LLM calls of the last 30 days without a price.\n"
        "# TYPE costper_unpriced_calls gauge\n"
        f"costper_unpriced_calls {calls}\n"
        "# HELP costper_unpriced_models Models of these calls.\n"
        "# TYPE costper_unpriced_models gauge\n"
        f"costper_unpriced_models {models}\n"
    )


@dataclass(frozen=True, slots=True)
class Counters:
    """Requests by endpoint and status; names of paths nobody declared are not kept.

    `gauges` are read when they are asked for: name, what it says, and its value.
    """

    gauges: Sequence[tuple[str, str, Callable[[], int]]] = ()
    requests: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, endpoint: str, status: int) -> None:
        """Count one request."""
        with self._lock:
            self.requests[endpoint, status] += 1

    def text(self, books: Standing | None, now: datetime) -> str:
        """Write all of it; nothing of books that cannot be read but that."""
        lines = [
            "# HELP costper_books_readable 1 while the books can be read.",
            "# TYPE costper_books_readable gauge",
            f"costper_books_readable {int(books is not None)}",
            *_standing(books, now),
        ]
        for name, told, read in self.gauges:
            lines += [f"# HELP {name} {told}", f"# TYPE {name} gauge", f"{name} {read()}"]
        lines += [
            "# HELP costper_http_requests_total Requests answered.",
            "# TYPE costper_http_requests_total counter",
        ]
        with self._lock:
            counted = sorted(self.requests.items())
        lines += [
            f'costper_http_requests_total{{endpoint="{endpoint}",status="{status}"}} {count}'
            for (endpoint, status), count in counted
        ]
        return "\n".join(lines) + "\n"


def _standing(books: Standing | None, now: datetime) -> list[str]:
    if books is None:
        return []
    lines = [
        "# HELP costper_books_balanced 1 while allocated + unallocated = billed, exactly.",
        "# TYPE costper_books_balanced gauge",
        f"costper_books_balanced {int(books.balanced)}",
    ]
    if books.as_of:
        age = int((now - datetime.fromisoformat(books.as_of)).total_seconds())
        lines += [
            "# HELP costper_books_age_seconds Since the books last changed.",
            "# TYPE costper_books_age_seconds gauge",
            f"costper_books_age_seconds {age}",
        ]
    return lines
