"""Raw words become dimensions in one declared way."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from costper.allocation.dimension import columns_read, coverage, resolver, tags_of, value_of
from costper.allocation.match import NO_RULE
from costper.model.allocation import Match, Rule
from costper.model.dimension import STANDARD_ALIASES, UNTAGGED, Dimension, When, normal

CUSTOMER = Dimension(name="customer", fields=("tags.customer", "tags.cust"))
ENVIRONMENT = Dimension(
    name="environment",
    fields=("tags.env",),
    aliases=STANDARD_ALIASES,
    rules=(
        When(match={"account": ("6*",), "service_name": ("amazon*",)}, value="Stg"),
        When(match={"tags.purpose": ("ci",)}, value="build"),
    ),
)
DIMENSIONS = (CUSTOMER, ENVIRONMENT)


def resolved(**raw: str) -> dict[str, str]:
    found = resolver(DIMENSIONS, ())(raw)
    return dict(zip(("customer", "environment"), found.values, strict=True))


def test_the_first_field_with_a_value_counts() -> None:
    assert resolved(tags='{"cust": "B", "customer": " "}')["customer"] == "b"
    assert resolved(tags='{"cust": "B", "Customer ": "A"}')["customer"] == "a"


def test_explicit_lines_come_first_and_all_their_conditions_must_hold() -> None:
    words = {"sub_account_id": "600", "service_name": "Amazon EC2", "tags": '{"env": "prod"}'}
    assert resolved(**words)["environment"] == "staging"
    words["service_name"] = "Lambda"
    assert resolved(**words)["environment"] == "production"
    assert resolved(tags='{"purpose": "CI"}')["environment"] == "build"


def test_missing_empty_and_broken_words_are_untagged() -> None:
    for tags in ("", "{}", '{"customer": ""}', '{"customer": null}', "[1]", "{nonsense"):
        assert resolved(tags=tags) == {"customer": UNTAGGED, "environment": UNTAGGED}


def test_keys_with_one_normal_form_give_the_first_value_in_sorted_order() -> None:
    assert tags_of('{"org": "second", " org": "first", "ORG": ""}') == {"org": "first"}
    assert tags_of('{"n": 7, "flag": true}') == {"n": "7", "flag": "true"}


@given(st.text(max_size=12))
def test_values_are_compared_in_one_form(text: str) -> None:
    once = value_of(CUSTOMER, text)
    word = normal(text)
    assert once == (f"~{word}" if word.startswith("(") else word or UNTAGGED)
    assert once == UNTAGGED or value_of(CUSTOMER, once) == once


def test_rules_may_ask_for_dimensions_attributes_and_tags() -> None:
    rules = (
        (0, Rule(name="a", driver="even", match=(Match(key="region", values=("eu-*",)),))),
        (1, Rule(name="b", driver="even", match=(Match(key="tags.tier", present=True),))),
        (2, Rule(name="c", driver="even", match=(Match(key="customer", present=True),))),
    )
    resolve = resolver(DIMENSIONS, rules)
    assert resolve({"region_id": "EU-west-1", "tags": ""}).rule == 0
    assert resolve({"tags": '{"tier": "1", "customer": "x"}'}).rule == 1
    assert resolve({"tags": '{"customer": "x"}'}).rule == 2
    assert resolve({"tags": ""}).rule == NO_RULE
    read = columns_read(DIMENSIONS, (rule for _, rule in rules))
    assert read == ("tags", "sub_account_id", "service_name", "region_id")


def test_coverage_counts_gross_cost_so_that_credits_do_not_bend_it() -> None:
    gross = [("acme", Decimal(90)), (UNTAGGED, Decimal(10)), ("(unallocated)", Decimal(0))]
    assert coverage(gross) == Decimal("0.9")
    assert coverage([]) is None


def test_tags_nested_by_the_thousand_are_no_tags() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    assert tags_of(f'{{"customer": "acme", "x": {deep}}}') == {}


def test_half_a_surrogate_pair_in_a_tag_becomes_a_question_mark() -> None:
    assert tags_of(r'{"customer": "a\ud800"}') == {"customer": "a?"}


def test_a_word_in_brackets_is_somebodys_own_and_never_ours() -> None:
    assert resolved(tags='{"customer": "(unallocated)"}')["customer"] == "~(unallocated)"
    assert value_of(CUSTOMER, "(Untagged)") == "~(untagged)"
    assert value_of(CUSTOMER, "acme (old)") == "acme (old)"
