"""SELECT statements over the marts, put together from quoted names and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from costper.config.settings import Settings
from costper.economics.where import Among, Condition, Either, Every, Known, Not
from costper.model.category import KEPT_CATEGORIES
from costper.model.dimension import RESERVED, Dimension, normal
from costper.model.names import quoted
from costper.store.engine import Parameter

OTHER_KEYS = ("charge_category", "source")
"""What cost may be asked by besides dimensions."""

NO_CUSTOMER = "(no customer)"
NO_RECORD = "(no record)"
"""What belongs to none, and a customer of whom nothing is known that day."""


def nothing_of(name: str) -> str:
    """Give the word of a customer without a plan, or whatever the list of customers says.

    >>> nothing_of("plan")
    '(no plan)'
    """
    return f"(no {name})"


class Derived(str):
    """A SELECT in parentheses with its name, to be read like a table."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One SELECT: `columns` maps an alias to its expression; `group` and `order` name aliases."""

    columns: Mapping[str, str]
    table: str
    where: Sequence[str] = ()
    group: Sequence[str] = ()
    order: Sequence[str] = ()

    def text(self) -> str:
        """Write it as SQL."""
        columns = ", ".join(f"{expr} AS {quoted(name)}" for name, expr in self.columns.items())
        parts = ["SELECT", columns, "FROM", self._source()]
        if self.where:
            parts += ["WHERE", " AND ".join(f"({test})" for test in self.where)]
        if self.group:
            parts += ["GROUP BY", ", ".join(self.columns[name] for name in self.group)]
        if self.order:
            parts += ["ORDER BY", ", ".join(quoted(name) for name in self.order)]
        return " ".join(parts)

    def _source(self) -> str:
        return self.table if isinstance(self.table, Derived) else quoted(self.table)


@dataclass(slots=True)
class Bound:
    """Parameters collected while SQL is written; every value goes through here."""

    values: dict[str, Parameter] = field(default_factory=dict[str, Parameter])

    def bind(self, value: Parameter) -> str:
        """Remember a value and give the `$name` that stands for it."""
        name = f"v{len(self.values)}"
        self.values[name] = value
        return f"${name}"


def record_sql(settings: Settings, bound: Bound) -> str:
    """Write the cost of record: the organisation's choice, or a source's own for its rows."""
    default = quoted(settings.cost_of_record)
    own = {
        declared.name: str(chosen)
        for declared in settings.sources
        if (chosen := getattr(declared.settings, "cost_of_record", None))
        and chosen != settings.cost_of_record
    }
    if not own:
        return default
    cases = [f"WHEN {bound.bind(name)} THEN {quoted(cost)}" for name, cost in own.items()]
    return f"CASE {quoted('source')} {' '.join(cases)} ELSE {default} END"


def mart_key(table: str, key: str) -> str:
    """Name the mart's column that holds a key of the question."""
    plain = key in {"charge_category", "source"} or table == "customer_daily"
    return key if plain else f"dim_{key}"


def condition_sql(
    condition: Condition, dimensions: Sequence[Dimension], table: str, bound: Bound
) -> str:
    """Write a condition as SQL over a mart; its values become parameters."""

    def inner(part: Condition) -> str:
        return f"({condition_sql(part, dimensions, table, bound)})"

    match condition:
        case Known(key=key, present=present):
            none = ("", *RESERVED, NO_CUSTOMER, NO_RECORD, nothing_of(key))
            nobody = ", ".join(map(bound.bind, none))
            return f"{quoted(mart_key(table, key))} {'NOT IN' if present else 'IN'} ({nobody})"
        case Among(key=key, values=values, negated=negated):
            names = ", ".join(bound.bind(spoken(key, one, dimensions)) for one in values)
            return f"{quoted(mart_key(table, key))} {'NOT IN' if negated else 'IN'} ({names})"
        case Not(part=part):
            return f"NOT {inner(part)}"
        case Every(parts=parts):
            return " AND ".join(map(inner, parts))
        case Either(parts=parts):
            return " OR ".join(map(inner, parts))


def spoken(key: str, value: str, dimensions: Sequence[Dimension]) -> str:
    """Give a value as the books write it: normal form, aliases resolved."""
    if key == "source":
        return value
    if key == "charge_category":
        known = {normal(category): category for category in KEPT_CATEGORIES}
        return known.get(normal(value), value)
    plain = normal(value)
    aliases = [one.aliases for one in dimensions if one.name == key]
    return aliases[0].get(plain, plain) if aliases else plain
