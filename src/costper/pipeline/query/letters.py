"""One letter as people write it: `metric orders where plan = pro as average`, and back again."""

from __future__ import annotations

import re
from typing import Literal

from costper.errors import UnknownNameError, UserError
from costper.model.question import Letter, LetterKind

KINDS: tuple[LetterKind, ...] = ("metric", "cost", "revenue")
Override = Literal["average", "sum", "last", "max", "min"]
OVERRIDES: tuple[Override, ...] = ("average", "sum", "last", "max", "min")
LONGEST = 2_500
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
HEAD = re.compile(
    r"\s*(?P<kind>[^\s]+)(?:\s+(?!(?:where|as)\b)(?P<of>\"[^\"]*\"|[^\s]+))?\s*", re.IGNORECASE
)
WHERE = re.compile(r"where\b\s*", re.IGNORECASE)
AS = re.compile(r"(?:^|\s+)as\s+(?P<word>[^\s\"']+)\s*$", re.IGNORECASE)
WRITTEN = "write it like: metric orders where plan = pro as average, or: cost where team = search"


def read_letter(name: str, text: str) -> Letter:
    """Read what one letter stands for; a UserError names the letter and the column.

    >>> read_letter("a", "cost billed_cost where team = search as average").aggregation
    'average'
    """
    if len(text) > LONGEST:
        raise fault(name, 0, f"a letter has at most {LONGEST} characters")
    head = HEAD.match(text)
    if head is None:
        raise fault(name, 0, "nothing is written")
    kind = head["kind"].lower()
    if kind not in KINDS:
        place = f"{name}, column {head.start('kind') + 1}"
        raise UnknownNameError("kind of letter", head["kind"], KINDS, where=place)
    end, aggregation = _aggregation(name, text)
    at = head.end()
    where = WHERE.match(text, at, end)
    if where is None and text[at:end].strip():
        raise fault(name, at, f"expected 'where' or 'as', found {text[at:end].strip()[:30]!r}")
    rest = where.end() if where is not None else end
    condition = text[rest:end].rstrip()
    if where is not None and not condition:
        raise fault(name, rest, "a condition is missing after 'where'")
    return Letter(
        name=name,
        kind=kind,
        of=(head["of"] or "").strip('"'),
        where=condition,
        aggregation=aggregation,
        at=(max(head.start("of"), 0), rest),
    )


def _aggregation(name: str, text: str) -> tuple[int, str]:
    """Find `as WORD` at the end, unless it stands inside quotes."""
    found = AS.search(text)
    if found is None or text[: found.start()].count('"') % 2:
        return len(text), ""
    word = found["word"].lower()
    if word not in OVERRIDES:
        place = f"{name}, column {found.start('word') + 1}"
        raise UnknownNameError("aggregation", found["word"], OVERRIDES, where=place)
    return found.start(), word


def letter_text(letter: Letter) -> str:
    """Write a letter as people do.

    >>> letter_text(read_letter("b", "cost  where team=search"))
    'cost where team=search'
    """
    parts = [letter.kind, letter.of]
    parts += [f"where {letter.where}"] if letter.where else []
    parts += [f"as {letter.aggregation}"] if letter.aggregation else []
    return " ".join(part for part in parts if part)


def check_name(name: str, kind: str) -> None:
    """Refuse a name that a formula could not say."""
    if NAME.fullmatch(name) is None:
        raise UserError(
            f"{name!r} cannot name a {kind}",
            where=kind,
            hint="a letter a to z, or a word of letters, digits and _",
        )


def fault(name: str, at: int, message: str, hint: str = WRITTEN) -> UserError:
    """Say what is wrong at a place (from 0) of a letter."""
    return UserError(message, where=f"{name}, column {at + 1}", hint=hint)


def moved(error: UserError, letter: Letter, at: int) -> UserError:
    """Give a condition's error at its column in what was written, with the letter named."""
    words, _, column = error.where.partition(", column ")
    if words != "where" or not column.isdecimal():
        return UserError(error.message, where=letter.name, hint=error.hint)
    place = f"{letter.name}, column {at + int(column)}"
    return UserError(error.message, where=place, hint=error.hint)
