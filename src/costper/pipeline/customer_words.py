"""Reads the ids of listed customers as the customers of bills and usage are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from costper.allocation.dimension import value_of
from costper.model.customer import CustomerFact
from costper.model.dimension import UNTAGGED, Dimension
from costper.model.outcome import Issue, Outcome


def in_words(
    facts: Sequence[CustomerFact], dimension: Dimension, source: str
) -> Outcome[CustomerFact]:
    """Give the facts under the dimension's word for each customer; the raw id stays as the name.

    Two ids that are one word on the same day would bill one customer twice: the first counts
    and the other is an issue.
    """
    kept: dict[tuple[str, date], tuple[str, CustomerFact]] = {}
    issues: list[Issue] = []
    for fact in facts:
        word = value_of(dimension, fact.customer)
        if word == UNTAGGED:
            issues.append(_nameless(source))
            continue
        read = replace(fact, customer=word, name=fact.name or fact.customer)
        raw, first = kept.setdefault((word, fact.valid_from), (fact.customer, read))
        if first is not read and first != read:
            issues.append(_clash(source, raw, fact.customer, word))
    return Outcome(tuple(fact for _, fact in kept.values()), tuple(issues))


def _nameless(source: str) -> Issue:
    return Issue(
        code="bad_row",
        message="a customer has no id",
        where=source,
        hint="give every customer the id that tags and usage name it by",
    )


def _clash(source: str, first: str, second: str, word: str) -> Issue:
    return Issue(
        code="same_customer",
        message=f"customers {first!r} and {second!r} are both {word!r}; the first counts",
        where=source,
        hint="ids are compared trimmed and without regard to capitals, after the aliases of"
        " dimensions.customer",
    )
