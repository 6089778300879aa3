from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.errors import UserError
from costper.model.question import COMPARES, GRAINS, SCALES, Formula, Letter, Question
from costper.pipeline.query.letters import KINDS, OVERRIDES, letter_text, read_letter
from costper.pipeline.query.written import question_from_json, question_to_json

names = st.sampled_from(("a", "b", "users", "Cost_1"))
words = st.sampled_from(("", "team = search", 'team = "as sum" and service != x', "plan is absent"))
letters = st.builds(
    Letter,
    name=names,
    kind=st.sampled_from(KINDS),
    of=st.sampled_from(("", "orders", "billed_cost")),
    where=words,
    aggregation=st.sampled_from(("", *OVERRIDES)),
)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
questions = st.builds(
    Question,
    letters=st.lists(letters, min_size=1, max_size=3, unique_by=lambda one: one.name).map(tuple),
    formulas=st.lists(
        st.builds(Formula, name=st.sampled_from(("f", "g")), text=st.sampled_from(("a / b", "a"))),
        max_size=2,
        unique_by=lambda one: one.name,
    ).map(tuple),
    grain=st.sampled_from(GRAINS),
    by=st.lists(st.sampled_from(("team", "plan")), max_size=2, unique=True).map(tuple),
    compare=st.sampled_from(COMPARES),
    since=st.none() | days,
    days=st.none() | st.integers(1, 3660),
    unit=st.sampled_from(("", "user")),
    scale=st.sampled_from(SCALES),
)


def place_of(read: Callable[[], object]) -> str:
    """Say where something is refused; a place of its own where it is not."""
    try:
        read()
    except UserError as error:
        return error.where
    return "a, column 0"


@given(letters)
def test_a_letter_reads_back_as_it_was_written(letter: Letter) -> None:
    assert read_letter(letter.name, letter_text(letter)) == letter


@given(questions)
def test_a_question_reads_back_as_it_was_written(question: Question) -> None:
    assert question_from_json(question_to_json(question)) == question


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=9),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ("letters", "formulas", "grain", "by", "from", "days", "a", "kind", "name")
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_sent_is_a_question_or_an_error_that_names_its_place(raw: object) -> None:
    assert place_of(lambda: question_from_json(raw))


@given(st.text(max_size=60))
def test_whatever_is_written_for_a_letter_is_one_or_names_its_column(text: str) -> None:
    assert place_of(lambda: read_letter("a", text)).startswith("a, column ")


@pytest.mark.parametrize(
    ("text", "of", "where", "aggregation"),
    [
        ("metric daily_active_users where plan = pro", "daily_active_users", "plan = pro", ""),
        ("  COST\tbilled_cost  AS Average ", "billed_cost", "", "average"),
        ('cost where team = "x as sum"', "", 'team = "x as sum"', ""),
        ("revenue where plan = enterprise as sum", "", "plan = enterprise", "sum"),
        ("metric as_of as max", "as_of", "", "max"),
    ],
)
def test_letters_as_people_write_them(text: str, of: str, where: str, aggregation: str) -> None:
    found = read_letter("a", text)
    assert (found.of, found.where, found.aggregation) == (of, where, aggregation)
