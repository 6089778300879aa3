from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.economics.where import Among, Either, Every, Known, Not, keys_of, parse
from costper.errors import UserError

KEYS = ("customer", "team", "service", "environment", "charge_category", "source")


def test_conditions_are_joined_and_before_or() -> None:
    assert parse("environment = production and service != marketplace or team=a", KEYS) == Either(
        (
            Every(
                (Among("environment", ("production",)), Among("service", ("marketplace",), True))
            ),
            Among("team", ("a",)),
        )
    )


def test_lists_quotes_parentheses_and_not() -> None:
    found = parse('team in (search, "data platform") and not (source = a or source = b)', KEYS)
    assert found == Every(
        (
            Among("team", ("search", "data platform")),
            Not(Either((Among("source", ("a",)), Among("source", ("b",))))),
        )
    )
    assert keys_of(found) == {"team", "source"}


def test_presence_and_absence() -> None:
    assert parse("customer is present", KEYS) == Known("customer", True)
    assert parse("customer is absent", KEYS) == Known("customer", False)
    assert parse("customer is not present", KEYS) == Known("customer", False)
    assert parse("team not in (a)", KEYS) == Among("team", ("a",), True)


def test_untagged_needs_no_quotes() -> None:
    assert parse("customer = (untagged)", KEYS) == Among("customer", ("(untagged)",))


def test_the_short_form_of_the_command_line_needs_no_spaces() -> None:
    assert parse("environment=production and service!=marketplace", KEYS) == Every(
        (Among("environment", ("production",)), Among("service", ("marketplace",), True))
    )


@pytest.mark.parametrize(
    ("text", "where", "message", "hint"),
    [
        ("enviroment = x", "where, column 1", "unknown key 'enviroment'", "'environment'"),
        ("team = a and", "where, column 13", "expected the name of a dimension", "write it like"),
        ("team = a team = b", "where, column 10", "expected 'and', 'or' or the end", ""),
        ("team > 3", "where, column 6", "expected '=' or '!='", ""),
        ("team in (a, b", "where, column 14", "expected ')'", ""),
        ("team is nice", "where, column 9", "expected 'present' or 'absent'", ""),
        ("team = 'a", "where, column 8", "cannot be read", ""),
        ("", "where, column 1", "expected the name of a dimension", ""),
        ("(" * 40, "where, column 21", "conditions nest at most 20 deep", ""),
    ],
)
def test_a_fault_says_the_column_and_what_was_expected(
    text: str, where: str, message: str, hint: str
) -> None:
    with pytest.raises(UserError) as caught:
        parse(text, KEYS)
    assert caught.value.where == where
    assert message in caught.value.message
    assert hint in caught.value.hint


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_our_own_error(text: str) -> None:
    with suppress(UserError):
        parse(text, KEYS)
