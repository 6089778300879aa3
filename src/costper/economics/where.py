"""The language of `--where`: conditions on dimensions, read by hand with positions in errors.

environment = production and service != marketplace
team in (search, "data platform") or not (charge_category = Tax)
customer is present
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from costper.errors import UnknownNameError, UserError

LIMIT = 2000
DEPTH = 20
WORDS = ("and", "or", "not", "in", "is", "present", "absent")
TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<sign>!=|=|\(|\)|,)|(?P<word>[^\s=!(),"']+))"""
)

Kind = Literal["quoted", "sign", "word", "end"]


@dataclass(frozen=True, slots=True)
class Among:
    """The value of `key` is one of `values`; none of them when `negated`."""

    key: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """`key` has a value (`present`), or has none."""

    key: str
    present: bool


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Condition


Condition = Among | Known | Every | Either | Not


@dataclass(frozen=True, slots=True)
class _Token:
    kind: Kind
    text: str
    at: int

    def says(self, *words: str) -> bool:
        return self.kind in {"word", "sign"} and self.text.lower() in words


@dataclass(slots=True)
class _Reader:
    tokens: list[_Token]
    keys: Collection[str]
    at: int = 0
    depth: int = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self) -> _Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def took(self, *words: str) -> bool:
        if self.next.says(*words):
            self.take()
            return True
        return False

    def need(self, *words: str) -> None:
        if not self.took(*words):
            raise _fault(self.next, f"expected {' or '.join(map(repr, words))}")


def parse(text: str, keys: Collection[str]) -> Condition:
    """Read a condition over `keys`; a UserError says at which column it stops making sense."""
    if len(text) > LIMIT:
        raise UserError(f"a condition has at most {LIMIT} characters", where="where")
    reader = _Reader(_tokens(text), keys)
    found = _either(reader)
    if reader.next.kind != "end":
        raise _fault(reader.next, "expected 'and', 'or' or the end")
    return found


def keys_of(condition: Condition | None) -> frozenset[str]:
    """Name every key a condition asks about."""
    match condition:
        case None:
            return frozenset()
        case Among(key=key) | Known(key=key):
            return frozenset((key,))
        case Not(part=part):
            return keys_of(part)
        case Every(parts=parts) | Either(parts=parts):
            return frozenset[str]().union(*(keys_of(part) for part in parts))


def values_of(condition: Condition | None) -> Iterator[tuple[str, str]]:
    """Give every (key, value) a condition names, however it is put."""
    match condition:
        case Among(key=key, values=values):
            yield from ((key, value) for value in values)
        case Known() | None:
            return
        case Not(part=part):
            yield from values_of(part)
        case Every(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from values_of(part)


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            raise _fault(_Token("end", rest[:1], len(text) - len(rest)), "cannot be read")
        kind = str(match.lastgroup)
        start = match.start(kind)
        body = match.group(kind)
        if kind == "quoted":
            found.append(_Token("quoted", body[1:-1], start))
        else:
            found.append(_Token("sign" if kind == "sign" else "word", body, start))
        at = match.end()
    return [*found, _Token("end", "", end)]


def _either(reader: _Reader) -> Condition:
    return _joined(
        reader, "or", lambda: _joined(reader, "and", lambda: _one(reader), Every), Either
    )


def _joined(
    reader: _Reader,
    word: str,
    part: Callable[[], Condition],
    many: type[Every | Either],
) -> Condition:
    parts = [part()]
    while reader.took(word):
        parts.append(part())
    return parts[0] if len(parts) == 1 else many(tuple(parts))


def _one(reader: _Reader) -> Condition:
    if not reader.next.says("not", "("):
        return _test(reader)
    reader.depth += 1
    if reader.depth > DEPTH:
        raise _fault(reader.next, f"conditions nest at most {DEPTH} deep")
    if reader.took("not"):
        found: Condition = Not(_one(reader))
    else:
        reader.need("(")
        found = _either(reader)
        reader.need(")")
    reader.depth -= 1
    return found


def _test(reader: _Reader) -> Condition:
    key = _key(reader)
    if reader.took("is"):
        negated = reader.took("not")
        reader_at = reader.next
        if reader.took("present"):
            return Known(key, present=not negated)
        if reader.took("absent"):
            return Known(key, present=negated)
        raise _fault(reader_at, "expected 'present' or 'absent'")
    negated = reader.took("not")
    if negated or reader.next.says("in"):
        reader.need("in")
        return Among(key, _list(reader), negated)
    differs = reader.next.says("!=")
    reader.need("=", "!=")
    return Among(key, (_value(reader),), differs)


def _key(reader: _Reader) -> str:
    token = reader.take()
    if token.kind == "quoted" or (token.kind == "word" and token.text.lower() not in WORDS):
        if token.text in reader.keys:
            return token.text
        raise UnknownNameError("key", token.text, reader.keys, where=_place(token))
    raise _fault(token, "expected the name of a dimension")


def _list(reader: _Reader) -> tuple[str, ...]:
    reader.need("(")
    values = [_value(reader)]
    while reader.took(","):
        values.append(_value(reader))
    reader.need(")")
    return tuple(values)


def _value(reader: _Reader) -> str:
    """Read a value; `(untagged)` and its like may stand without quotes."""
    if reader.took("("):
        inner = reader.take()
        reader.need(")")
        return f"({inner.text})"
    token = reader.take()
    if token.kind in {"word", "quoted"}:
        return token.text
    raise _fault(token, "expected a value")


def _place(token: _Token) -> str:
    return f"where, column {token.at + 1}"


def _fault(token: _Token, message: str) -> UserError:
    found = f", found {token.text!r}" if token.text else ", found the end"
    return UserError(
        f"{message}{found}",
        where=_place(token),
        hint="write it like: environment = production and service != marketplace",
    )
