"""Turns the raw words of a charge into the dimensions cost is asked by."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import cast

from costper.allocation.match import NO_RULE, first_match, fits, keys_of
from costper.model.allocation import Rule
from costper.model.charge import ATTRIBUTES
from costper.model.dimension import RESERVED, UNTAGGED, Dimension, When, normal
from costper.model.money import divide, total

TAGS = "tags."
Raw = Mapping[str, str | None]
"""A charge's own words, by charge column; `tags` is the JSON text, `source` the source."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a set of words means: one value per dimension, and the first-stage rule."""

    values: tuple[str, ...]
    rule: int = NO_RULE


Resolver = Callable[[Raw], Resolved]


def resolver(dimensions: Sequence[Dimension], rules: Sequence[tuple[int, Rule]]) -> Resolver:
    """Give the function that reads a charge's words; `rules` are those of stage 1, numbered."""
    names = {dimension.name: place for place, dimension in enumerate(dimensions)}
    readers = [_reader(dimension) for dimension in dimensions]

    def resolve(raw: Raw) -> Resolved:
        words = _Words(raw)
        values = tuple(read(words) for read in readers)

        def look(key: str) -> str:
            place = names.get(key)
            return words(key) or UNTAGGED if place is None else values[place]

        return Resolved(values, first_match(rules, look))

    return resolve


def columns_read(dimensions: Iterable[Dimension], rules: Iterable[Rule]) -> tuple[str, ...]:
    """Name the charge columns these dimensions and first-stage rules look at, each once."""
    own = tuple(dimensions)
    names = {dimension.name for dimension in own}
    fields = [key for dimension in own for key in _fields(dimension)]
    asked = [key for key in keys_of(rules) if key not in names]
    return tuple(dict.fromkeys(_column(key) for key in (*fields, *asked)))


def value_of(dimension: Dimension, text: str) -> str:
    """Give the word a raw value stands for: normal form, then alias; (untagged) when empty.

    What begins with a bracket gets a `~` before it: `(untagged)` and its like are ours.

    >>> value_of(Dimension(name="environment", fields=(), aliases={"prd": "production"}), " PRD")
    'production'
    """
    aliases = {normal(key): normal(value) for key, value in dimension.aliases.items()}
    return _aliased(aliases, normal(text))


def coverage(gross: Iterable[tuple[str, Decimal]]) -> Decimal | None:
    """Give the share (0..1, 12 places) of gross cost whose value names somebody; None for none.

    `gross` holds (value, Σ |cost|): absolute, because a credit would make a net share senseless.
    """
    pairs = list(gross)
    named = total([amount for value, amount in pairs if value not in RESERVED])
    return divide(named, total([amount for _, amount in pairs]))


class _Words:
    """Looks words up in one charge, reading its tags only when asked to."""

    __slots__ = ("_raw", "_tags")

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._tags: dict[str, str] | None = None

    def __call__(self, key: str) -> str:
        if key.startswith(TAGS):
            if self._tags is None:
                self._tags = tags_of(self._raw.get("tags") or "")
            return self._tags.get(normal(key.removeprefix(TAGS)), "")
        return normal(self._raw.get(_column(key)) or "")


def tags_of(text: str) -> dict[str, str]:
    """Read tags (JSON object text) into normal keys and values.

    Of several keys with one normal form the first with a value counts, in sorted order.

    >>> tags_of('{" Team": "", "team": "Search", "empty": null}')
    {'team': 'search'}
    """
    found: dict[str, str] = {}
    try:
        for key, value in sorted(_object(text).items()):
            said = value if isinstance(value, str) else _plain(value)
            word = "" if value is None else normal(_encodable(said))
            if word:
                found.setdefault(normal(_encodable(key)), word)
    except RecursionError:  # Nested by the thousand: no tag of anybody's.
        return {}
    return found


def _encodable(text: str) -> str:
    """Put `?` for half a surrogate pair: JSON can say it, no engine can keep it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _object(text: str) -> dict[str, object]:
    if not text:
        return {}
    try:
        read: object = json.loads(text)
    except ValueError:
        return {}
    return cast("dict[str, object]", read) if isinstance(read, dict) else {}


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _reader(dimension: Dimension) -> Callable[[_Words], str]:
    aliases = {normal(key): normal(value) for key, value in dimension.aliases.items()}

    def read(words: _Words) -> str:
        for when in dimension.rules:
            if _fits_all(when, words):
                word = normal(when.value)
                return aliases.get(word, word) or UNTAGGED
        found = (words(field) for field in dimension.fields)
        return _aliased(aliases, next((word for word in found if word), ""))

    return read


def _fits_all(when: When, words: _Words) -> bool:
    return all(
        any(fits(pattern, words(key)) for pattern in patterns)
        for key, patterns in when.match.items()
    )


def _aliased(aliases: Mapping[str, str], word: str) -> str:
    own = f"~{word}" if word.startswith("(") else word
    return aliases.get(word, own) or UNTAGGED


def _fields(dimension: Dimension) -> list[str]:
    return [*dimension.fields, *(key for when in dimension.rules for key in when.match)]


def _column(key: str) -> str:
    return "tags" if key.startswith(TAGS) else ATTRIBUTES[key]
