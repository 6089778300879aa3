"""Conditions are read on normal forms; the first rule that fits takes the charge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.allocation.match import NO_RULE, first_match, fits, holds, keys_of
from costper.model.allocation import Match, Rule
from costper.model.dimension import UNALLOCATED, UNTAGGED, normal

WORDS = {"team": "search", "customer": UNTAGGED, "service": "shared-db", "owner": UNALLOCATED}


def look(key: str) -> str:
    return WORDS[key]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        (Match(key="team", present=True), True),
        (Match(key="customer", present=True), False),
        (Match(key="customer", present=False), True),
        (Match(key="owner", present=False), True),
        (Match(key="team", values=("SEARCH",)), True),
        (Match(key="team", values=("growth", "sea*")), True),
        (Match(key="team", values=("search",), negated=True), False),
        (Match(key="team", values=("growth",), negated=True), True),
        (Match(key="service", values=("shared-??",)), True),
        (Match(key="service", values=("shared-?",)), False),
        (Match(key="customer", values=(UNTAGGED,)), True),
    ],
)
def test_one_condition(match: Match, *, expected: bool) -> None:
    assert holds(match, look) is expected


@given(st.text(max_size=8))
def test_a_word_fits_itself_whatever_signs_it_holds(word: str) -> None:
    plain = word.replace("*", "").replace("?", "")
    assert fits(plain, normal(plain))
    assert fits("*", normal(word))


def test_the_first_rule_that_fits_takes_it() -> None:
    every = Rule(name="every", driver="even")
    search = Rule(name="search", driver="even", match=(Match(key="team", values=("search",)),))
    growth = Rule(name="growth", driver="even", match=(Match(key="team", values=("growth",)),))
    assert first_match([(4, growth), (7, search), (9, every)], look) == 7
    assert first_match([(4, growth)], look) == NO_RULE
    assert keys_of([growth, search, every]) == ("team",)
