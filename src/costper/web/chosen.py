"""Which metric a cost is divided by where nobody says."""

from __future__ import annotations

from costper.model.call import CALLS
from costper.web.told import NO_ROW, Told, text

USERS = "active_users"


def chosen_metric(metrics: Told) -> str:
    """Give the metric whose unit cost leads: active users, else the first there is.

    What the company's own LLM calls measure is spent, and no unit of value.
    """
    known = [it for it in metrics.rows if text(it, "source") != CALLS] if metrics.ok else []
    users = (text(it, "metric") for it in known if text(it, "kind") == USERS)
    return next(users, text(next(iter(known), NO_ROW), "metric"))
