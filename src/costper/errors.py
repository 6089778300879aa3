"""Every error costper raises on purpose.

CostperError
├── UserError            a setting or a command is wrong: work stops, exit code 2
│   ├── SettingError     in costper.yaml, with file:line
│   ├── UnknownNameError a name nobody declared, with the nearest known one
│   └── FormulaError     a formula, with the column where it stops making sense
├── BooksError           the books are not as they must be: exit code 1
│   ├── ConservationError  allocated + unallocated differs from billed
│   └── BusyError          another process holds the books
├── SourceError          a source could not be read at all; the books are unchanged
└── StoppedError         the process is about to end; what was begun is given up, and done anew
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

CLOSE = 0.6
"""How alike the nearest name has to be: the share of letters two words have in common."""

LISTED = 10
"""How many known names a message lists."""


class CostperError(Exception):
    """Anything costper raises on purpose; `hint` says what to do now."""

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        self.message = message
        self.where = where
        self.hint = hint
        super().__init__(self.text())

    def text(self) -> str:
        """Where, what, and what to do now, as shown to people."""
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head}\n  hint: {self.hint}" if self.hint else head


class UserError(CostperError):
    """A setting or a command is wrong; nothing was changed."""


class SettingError(UserError):
    """A setting in costper.yaml is wrong; `where` is file:line."""


class UnknownNameError(UserError):
    """A name that nobody declared; `message` and `hint` are said where more is known of it."""

    def __init__(
        self,
        kind: str,
        name: str,
        known: Iterable[str],
        *,
        where: str = "",
        message: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(
            message or f"unknown {kind} {name!r}",
            where=where,
            hint=hint or suggestion(name, known),
        )


class FormulaError(UserError):
    """A formula cannot be read or means nothing; `column` counts characters from 1."""

    def __init__(
        self, message: str, column: int, *, field: str = "formula", hint: str = ""
    ) -> None:
        self.column = column
        super().__init__(message, where=f"{field}, column {column}", hint=hint)


class BooksError(CostperError):
    """The books are not as they must be."""


class ConservationError(BooksError):
    """Σ allocated + unallocated differs from Σ billed; the run was not kept."""


class BusyError(BooksError):
    """Another process holds the books."""


class SourceError(CostperError):
    """A source could not be read; the books are unchanged."""


class StoppedError(CostperError):
    """The process is about to end: what was begun is given up, and done anew."""


def _may_be_near(name: str, known: str) -> bool:
    """Say whether words are of like length: others are never near, and long ones take long."""
    return 2 * min(len(name), len(known)) >= CLOSE * (len(name) + len(known))


def suggestion(name: str, known: Iterable[str], *, listed: int = LISTED) -> str:
    """Name the nearest known word, or list the first `listed`; words in brackets are no names.

    >>> suggestion("by_quantty", ["even", "by_quantity"])
    "did you mean 'by_quantity'?"
    >>> suggestion("zzz", ["even", "direct"])
    'known: direct, even'
    >>> suggestion("zzz", ["(unallocated)", *"abcdefghijkl"])
    'known: a, b, c, d, e, f, g, h, i, j and 2 more'
    """
    names = sorted(name for name in known if not name.startswith("("))
    alike = [one for one in names if _may_be_near(name, one)]
    near = get_close_matches(name, alike, n=1, cutoff=CLOSE) if alike else []
    if near:
        return f"did you mean {near[0]!r}?"
    more = f" and {len(names) - listed} more" if len(names) > listed else ""
    return f"known: {', '.join(names[:listed])}{more}" if names else "none is declared yet"
