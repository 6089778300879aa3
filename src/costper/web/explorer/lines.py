"""One letter of a question as its form has it: what is asked, of which part, put together how."""

from __future__ import annotations

import re
from dataclasses import dataclass

WRITTEN = re.compile(
    r"\s*(?P<what>metric\s+(?:\"[^\"]*\"|\S+)|revenue|cost(?:\s+(?!(?:where|as)\b)\S+)?)"
    r"(?:\s+where\b\s*(?P<where>.*?))?(?:\s+as\s+(?P<how>[a-z]+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
NAMED = re.compile(r"\s*(?P<name>[A-Za-z]\w*)\s*[:=](?!=)\s*")
RESULT = "result"
HOWS = ("average", "sum", "last", "max", "min")


@dataclass(frozen=True, slots=True)
class Line:
    """A letter: `metric NAME`, `cost COLUMN` or `revenue`, a condition, an aggregation."""

    name: str
    what: str
    where: str = ""
    how: str = ""

    @property
    def text(self) -> str:
        """Write it as the address and the API have it."""
        where = f" where {self.where}" if self.where else ""
        return f"{self.what}{where}{f' as {self.how}' if self.how else ''}"

    @property
    def kind(self) -> str:
        """Give metric, cost or revenue."""
        return self.what.partition(" ")[0].lower()

    @property
    def of(self) -> str:
        """Give the metric's name, or the column of cost."""
        return self.what.partition(" ")[2].strip().strip('"')

    @property
    def title(self) -> str:
        """Name it for people.

        >>> Line("a", "metric daily_active_users").title, Line("b", "cost").title
        ('Daily active users', 'Cost')
        """
        words = (self.of if self.kind == "metric" else self.what).replace("_", " ").strip()
        return f"{words[:1].upper()}{words[1:]}" or self.name

    def place(self, position: int) -> tuple[str, int]:
        """Say in which field of the form a position (from 1) of the text lies, and where in it."""
        before = len(self.what) + len(" where ")
        if self.where and position > before:
            return "where", position - before
        return "what", position


def read_line(name: str, text: str) -> Line:
    """Read a letter; what is not written like one is kept whole, for the API to refuse.

    >>> read_line("b", "cost where team = search as average")
    Line(name='b', what='cost', where='team = search', how='average')
    >>> read_line("b", "costs of x").what
    'costs of x'
    """
    found = WRITTEN.fullmatch(text)
    if found is None:
        return Line(name, text.strip())
    return Line(name, found["what"], (found["where"] or "").strip(), (found["how"] or "").lower())


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it was typed; `name` is what its column is called."""

    name: str
    text: str

    @property
    def bare(self) -> str:
        """Give it without its name."""
        return self.text[self.begins :]

    @property
    def title(self) -> str:
        """Name it for people: in the words of its name, else as it is written."""
        return self.name.replace("_", " ").capitalize() if self.begins else self.text.strip()

    @property
    def begins(self) -> int:
        """Say how many characters its name takes, with the sign after it."""
        found = NAMED.match(self.text)
        return found.end() if found else 0


def read_formulas(texts: tuple[str, ...]) -> tuple[Formula, ...]:
    """Name formulas as the API does: the first `result`, the second `result2`.

    >>> [it.name for it in read_formulas(("b / a", "trend = result * 2", "b"))]
    ['result', 'trend', 'result3']
    """
    found: list[Formula] = []
    for place, text in enumerate(texts):
        named = NAMED.match(text)
        name = named["name"] if named else f"{RESULT}{place + 1}" if place else RESULT
        found.append(Formula(name, text))
    return tuple(found)


def worded(name: str) -> str:
    """Write a name as a letter takes it.

    >>> worded("orders"), worded("new orders")
    ('orders', '"new orders"')
    """
    return f'"{name}"' if any(it.isspace() for it in name) else name
