"""Which names a listed model goes by: a condition on the name a call says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

Clause = tuple[str, "str | tuple[Clause, ...]"]
"""A word of CLAUSES with its text, or `or`/`and` with clauses."""

CLAUSES: Mapping[str, Callable[[str, str], bool]] = {
    "equals": lambda name, text: name == text,
    "starts_with": lambda name, text: name.startswith(text),
    "ends_with": lambda name, text: name.endswith(text),
    "contains": lambda name, text: text in name,
    "regex": lambda name, text: re.search(text, name) is not None,
}
COMPACT_DAY = re.compile(r"-(20\d\d)(\d\d)(\d\d)(?=-|:|$)")


def matches(clause: Clause, name: str) -> bool:
    """Say whether a name in small letters fits.

    >>> matches(("or", (("equals", "o3"), ("starts_with", "o3-2025"))), "o3-2025-04-16")
    True
    """
    word, told = clause
    if isinstance(told, str):
        return CLAUSES[word](name, told)
    return (any if word == "or" else all)(matches(inner, name) for inner in told)


def spellings(model: str, provider: str) -> tuple[str, ...]:
    """Give a model's name and other ways to write it, the most literal first.

    Gateways write the provider before it or the day without dashes, Gemini writes `models/`,
    Bedrock an ARN.

    >>> spellings("GPT-5.2-20251211", "openai"), spellings("models/gemini-3.8", "google")
    (('gpt-5.2-20251211', 'gpt-5.2-2025-12-11'), ('models/gemini-3.8', 'gemini-3.8'))
    """
    said = model.strip().lower()
    names = [said]
    if said.startswith((f"{provider}/", "models/", "arn:")) and "/" in said:
        names.append(said.rsplit("/", 1)[1] if said.startswith("arn:") else said.split("/", 1)[1])
    names += [COMPACT_DAY.sub(_dashed, name) for name in names]
    return tuple(dict.fromkeys(names))


def _dashed(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    try:
        return f"-{date(int(year), int(month), int(day)).isoformat()}"
    except ValueError:  # eight figures that are no day
        return found.group()
