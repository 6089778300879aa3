"""Rules of allocation in plain words."""

from __future__ import annotations

from collections.abc import Mapping

from costper.model.allocation import Match, Rule
from costper.model.money import plain

LISTED = 6
HOW: Mapping[str, str] = {
    "direct": "goes whole to the {to} it names",
    "even": "is divided evenly over each {to}",
    "fixed": "is divided by fixed shares: {shares}",
    "by_quantity": "is divided by {quantity}",
    "by_cost": "is divided by direct cost",
    "by_seats": "is divided by seats",
}


def match_words(rule: Rule) -> str:
    """Say which charges a rule takes.

    >>> match_words(Rule(name="a", driver="direct", match=(Match(key="customer", present=True),)))
    'customer is named'
    >>> match_words(Rule(name="all", driver="even"))
    'all that is left'
    """
    return " and ".join(map(_condition, rule.match)) or "all that is left"


def driver_words(rule: Rule) -> str:
    """Say how a rule divides what it takes.

    >>> driver_words(Rule(name="a", driver="by_quantity", quantity="requests"))
    'is divided by requests'
    """
    shares = ", ".join(f"{name} {plain(share, 0)} %" for name, share in rule.shares.items())
    how = HOW.get(rule.driver, f"is divided {rule.driver.replace('_', ' ')}")
    said = how.format(to=rule.to, quantity=rule.quantity, shares=shares)
    if rule.targets:
        said += f" among {_some(rule.targets)}"
    if rule.fallback and rule.fallback != "unallocated":
        said += f", else {rule.fallback.replace('_', ' ')}"
    return said


def _condition(one: Match) -> str:
    if one.present is not None:
        return f"{one.key} is {'named' if one.present else 'not named'}"
    return f"{one.key} is {'not ' if one.negated else ''}{_some(one.values)}"


def _some(values: tuple[str, ...]) -> str:
    more = len(values) - LISTED
    shown = " or ".join(values[:LISTED])
    return f"{shown} or {more} more" if more > 0 else shown
