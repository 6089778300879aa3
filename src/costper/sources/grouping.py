"""Decide which files of a bill belong together in one snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from costper.model.delivery import Mode
from costper.model.outcome import Issue, Outcome
from costper.sources.gather import Batch
from costper.sources.probe import ask
from costper.sources.projection import Raw
from costper.sources.tabular import Sheet, columns_of

Files = Literal["auto", "parts", "snapshots"]
"""How files without a manifest relate: parts add up; of snapshots, the newest holds."""

ScopeSql = Callable[[Raw], tuple[str, str]]
"""Gives the SQL of the account and of the billing period (any type), from the raw columns."""


@dataclass(frozen=True, slots=True)
class Group:
    """Sheets that make one snapshot, or one delivery that adds."""

    sheets: tuple[Sheet, ...]
    batch: Batch

    @property
    def raw(self) -> Raw:
        """The raw columns of all sheets together."""
        return Raw(columns_of(self.sheets))


def without_copies(sheets: Sequence[Sheet]) -> tuple[tuple[Sheet, ...], list[Issue]]:
    """Leave out files with the bytes of one already there, each with a warning."""
    kept: dict[str, Sheet] = {}
    issues: list[Issue] = []
    for sheet in sheets:
        first = kept.setdefault(sheet.part.sha256, sheet)
        if first is not sheet:
            issues.append(
                Issue(
                    code="same_bytes",
                    message=f"the same bytes as {first.part.origin}; counted once",
                    where=sheet.part.origin,
                    severity="warning",
                    hint="remove one of the two",
                )
            )
    return tuple(kept.values()), issues


def grouped(
    batch: Batch, sheets: Sequence[Sheet], *, files: Files, mode: Mode, scope: ScopeSql
) -> Outcome[Group]:
    """Put the sheets of a batch into groups, in the order they must land.

    A manifest decides for its batch, and `parts` puts all into one group; `append` and
    `snapshots` make a group of each file, by name, numbers counted as numbers. `auto` makes a
    group of each file too, but files that hold the same account and billing period are left
    out with an error: whether they add up or replace each other, only a person can say.
    """
    if len(sheets) < 2 or batch.manifest or (files == "parts" and mode == "overwrite"):  # noqa: PLR2004
        return Outcome((Group(tuple(sheets), batch),) if sheets else ())
    ordered = sorted(sheets, key=lambda sheet: _natural(sheet.part.origin))
    groups = [Group((sheet,), batch) for sheet in ordered]
    if mode == "append" or files != "auto":
        return Outcome(tuple(groups))
    return _unambiguous(groups, scope)


def _natural(name: str) -> list[tuple[int, str]]:
    """Order names as people do: part-9 comes before part-10."""
    pieces = re.findall(r"\d+|\D+", name)
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in pieces]


def _unambiguous(groups: Sequence[Group], scope: ScopeSql) -> Outcome[Group]:
    holders: dict[tuple[str, str], list[Group]] = {}
    for group in groups:
        account, period = scope(group.raw)
        select = f"SELECT DISTINCT CAST({account} AS VARCHAR), CAST({period} AS VARCHAR) FROM raw"  # noqa: S608
        for found in ask([sheet.part for sheet in group.sheets], select):
            holders.setdefault((str(found[0] or ""), str(found[1])), []).append(group)
    issues: list[Issue] = []
    torn: list[Group] = []
    for (account, period), several in holders.items():
        if len(several) > 1:
            torn.extend(several)
            issues.append(_ambiguous(account, period, several))
    return Outcome(tuple(group for group in groups if group not in torn), tuple(issues))


def _ambiguous(account: str, period: str, groups: Sequence[Group]) -> Issue:
    names = [group.sheets[0].part.origin for group in groups]
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")  # noqa: PLR2004
    whose = f"account {account}, " if account else ""  # a report may be of one account alone
    return Issue(
        code="ambiguous_files",
        message=f"{whose}billing period {period[:10]} is in {shown}; none of them was landed",
        where=names[0],
        hint="say `files: parts` if they add up, `files: snapshots` if each holds the whole"
        " period and the last by name counts",
        count=1,
    )
