"""What a connected metric measures, and so how its days add up: said, or guessed by its name."""

from __future__ import annotations

import re
from collections.abc import Mapping

from costper.config.settings import USUAL, MetricKind
from costper.errors import UserError

PARTS = re.compile(r"[^a-z0-9]+")
NAMED: tuple[tuple[MetricKind, frozenset[str]], ...] = (
    ("active_users", frozenset(("active", "dau", "wau", "mau", "users", "visitors"))),
    ("ratio", frozenset(("rate", "ratio", "share", "percent", "pct", "uptime"))),
    ("peak", frozenset(("peak", "max", "maximum", "concurrent"))),
    ("balance", frozenset(("seats", "balance", "mrr", "arr", "stock", "subscriptions", "open"))),
)
"""Words of a name that say what it measures; the first that one is of."""

NEW = frozenset(("new", "signed", "signups", "registered", "created"))
"""Words of what happens on a day: new users are counted."""


def kind_by_name(name: str) -> MetricKind:
    """Guess what a metric measures by the words of its name; a count where none tells.

    >>> kind_by_name("active_users"), kind_by_name("new_users"), kind_by_name("paid_seats")
    ('active_users', 'count', 'balance')
    """
    words = frozenset(PARTS.split(name.casefold()))
    if words & NEW:
        return "count"
    for kind, said in NAMED:
        if words & said:
            return kind
    return "count"


def metric_lines(source: str, kinds: Mapping[str, str]) -> dict[str, str]:
    """Write the line of costper.yaml for each metric of a source, by its name.

    A kind of "" is guessed by the name. How days add up follows from the kind, and is written
    out for whoever reads the file.

    Raises:
        UserError: there is no such kind.
    """
    lines: dict[str, str] = {}
    known: dict[str, MetricKind] = {str(it): it for it in USUAL}
    for name, said in kinds.items():
        kind = known.get(said or kind_by_name(name))
        if kind is None:
            hint = f"known: {', '.join(USUAL)}"
            raise UserError(f"{said!r} is no kind of metric", where="metrics", hint=hint)
        unit = _unit(name)
        one = f", unit: {unit}" if unit else ""
        lines[name] = f"{name}: {{source: {source}, kind: {kind}, aggregation: {USUAL[kind]}{one}}}"
    return lines


def _unit(name: str) -> str:
    """Say what one is called: the last word of a name in the plural, in the singular."""
    word = PARTS.split(name.casefold())[-1]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "ies")) else ""
