"""Turns the section `views` into questions as they are written, each line known.

What their words mean (metrics, dimensions, formulas) is for whoever asks them to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from costper.config.lines import Branch, Items, Leaf, Node, plain
from costper.config.section import Section, Word, Words
from costper.config.settings import DeclaredView
from costper.config.validation import validated
from costper.model.outcome import Issue
from costper.model.question import SCALES, Compare, Grain, LetterKind
from costper.model.view import LONGEST_DESCRIPTION, LONGEST_OWNER, LONGEST_TITLE, NAME, NAME_HINT

NUMBERS = ("days", "scale")
"""What is a number in a question; everything else is text, as it is written."""


class LetterSection(Section):
    """One letter by its parts; `metric orders where plan = pro as average` says the same."""

    kind: LetterKind
    """What it is: metric, cost or revenue."""
    of: str = ""
    """The metric, or another cost column."""
    where: str = ""
    """Only what this condition selects: team = search."""
    aggregation: str = ""
    """How it rolls up, when not by its own: average, sum, last, max, min."""


class ViewSection(Section):
    """A saved question: letters, formulas, groups and days, under a name."""

    title: str = Field(default="", max_length=LONGEST_TITLE)
    """What people see above it."""
    description: str = Field(default="", max_length=LONGEST_DESCRIPTION)
    """What it is for, and how to read it."""
    owner: str = Field(default="", max_length=LONGEST_OWNER)
    """Who answers for it: a team or a person."""
    letters: dict[str, Word | LetterSection] = Field(min_length=1)
    """What each letter stands for: metric orders, cost where team = search, revenue."""
    formula: str = ""
    """One formula over the letters; it is called result."""
    formulas: dict[str, Word] = Field(default_factory=dict[str, str])
    """Several formulas by name; later ones may use those before."""
    grain: Grain = ""
    """One row a day, week, month or quarter; the whole period when left out."""
    by: Words = ()
    """Dimensions: one row a group."""
    compare: Compare = ""
    """What the period is compared with: previous, year, weekday, month_to_date."""
    range: str = ""
    """Days that move on: last 30 days, last 3 months, month to date."""
    since: str = Field(default="", alias="from")
    """The first day, when it stays the same."""
    until: str = Field(default="", alias="to")
    """The first day that does not count."""
    days: int | None = Field(default=None, ge=1)
    """How many days; they end with the last settled one."""
    unit: str = ""
    """What one of the divisor is called in labels."""
    scale: int = Field(default=1, json_schema_extra={"enum": list(SCALES)})
    """Per how many: 1000 is per 1k."""


def read_views(
    section: Node | None,
) -> tuple[tuple[DeclaredView, ...], tuple[Issue, ...]]:
    """Give the declared views in order; a faulty one is left out and said."""
    found: list[DeclaredView] = []
    issues: list[Issue] = []
    for name, node in section.entries.items() if isinstance(section, Branch) else ():
        where = section.lines[name] if isinstance(section, Branch) else node.where
        value, faults = validated(ViewSection, node, f"views.{name}")
        if not NAME.fullmatch(name):
            message = f"{name!r} cannot name a view"
            faults = (*faults, Issue("invalid", message, where, hint=NAME_HINT))
        issues.extend(faults)
        if value is not None and not faults and isinstance(node, Branch):
            lines = {"": where, **dict(_lines(node))}
            found.append(DeclaredView(name=name, said=_said(node, value), lines=lines))
    return tuple(found), tuple(issues)


def _said(node: Branch, value: ViewSection) -> dict[str, object]:
    """Give the question as it would be sent: text, and numbers where numbers are meant."""
    said: dict[str, object] = {key: plain(inner) for key, inner in node.entries.items()}
    if isinstance(said.get("by"), str):
        said["by"] = list(value.by)
    said |= {name: getattr(value, name) for name in NUMBERS if said.get(name) is not None}
    return {key: one for key, one in said.items() if one is not None}


def _lines(node: Branch, above: str = "") -> Iterator[tuple[str, str]]:
    """Give the line of every key, by its dotted path, and of every item of a list."""
    for key, inner in node.entries.items():
        path = f"{above}{key}"
        yield path, inner.where if isinstance(inner, Leaf) else node.lines[key]
        if isinstance(inner, Branch):
            yield from _lines(inner, f"{path}.")
        elif isinstance(inner, Items):
            yield from ((f"{path}.{at}", item.where) for at, item in enumerate(inner.items))
