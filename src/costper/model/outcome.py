"""What a stage gives back: the good items beside the issues it met."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

Item = TypeVar("Item")
Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One piece of bad or doubtful data; work went on without it.

    `where` is `file:row` (row 1 is the header of a CSV) or `file:line` or a source name.
    `count` says how many rows the issue stands for, so a million alike make one line.
    """

    code: str
    message: str
    where: str = ""
    severity: Severity = "error"
    hint: str = ""
    count: int = 1

    def text(self) -> str:
        """Where, what and what to do now."""
        head = f"{self.where}: {self.message}" if self.where else self.message
        many = f" ({self.count} rows)" if self.count > 1 else ""
        return f"{head}{many}\n  hint: {self.hint}" if self.hint else f"{head}{many}"


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Item]):
    """The items that are good, and what was wrong with the rest."""

    items: tuple[Item, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def failed(self) -> bool:
        """True when at least one issue is an error."""
        return any(issue.severity == "error" for issue in self.issues)
