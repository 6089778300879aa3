"""Why amounts stay unallocated, in words, and what people can do about it."""

from __future__ import annotations

from costper.model.allocation import Reason

HINTS: dict[Reason, str] = {
    "no_rule": "no rule takes these charges: tag them, or add a rule that matches them",
    "no_usage": "nothing was measured that day for these words: sync the usage, set `on: []` to "
    "weigh by all of it, or give the rule a fallback",
    "zero_weights": "everything that was measured is zero to six decimals: give the rule a "
    "fallback, or measure in smaller units where the source says more decimals",
    "negative_weights": "a weight is below zero, so there are no shares: correct the usage, limit "
    "`base`, or give the rule a fallback",
    "no_targets": "nobody to carry it to: list `targets`, sync the customers, or tag the charges",
    "no_seats": "no active customer has seats that day: sync the customers, or give a fallback",
    "no_cost": "nobody has direct cost that day and currency: widen `base`, or give a fallback",
}
"""What to do about each reason."""


OF_CALLS = (
    "; calls weigh where they name no customer, a service account's own among them: name its "
    "`customer` under `llm.service_accounts`"
)
"""What `no_targets` may come from as well where LLM calls divide or are the cost."""


def hint(reason: str, *, of_calls: bool = False) -> str:
    """Give the hint for a reason, '' for one that is not known; `of_calls`: it concerns LLM calls.

    >>> hint("no_rule")
    'no rule takes these charges: tag them, or add a rule that matches them'
    """
    found = {str(name): text for name, text in HINTS.items()}.get(reason, "")
    return found + OF_CALLS if of_calls and reason == "no_targets" else found
