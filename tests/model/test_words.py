"""Normal forms, canonical columns and errors: the words everything else is said in."""

from hypothesis import given
from hypothesis import strategies as st

from costper.errors import SettingError, UnknownNameError
from costper.model.charge import ATTRIBUTES, CHARGE_COLUMNS
from costper.model.dimension import normal
from costper.model.outcome import Issue, Outcome


@given(st.text())
def test_the_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normal(normal(text)) == normal(text)


@given(st.text(alphabet="abcdefg ", min_size=1))
def test_case_and_outer_spaces_do_not_matter(text: str) -> None:
    assert normal(f"  {text.upper()} ") == normal(text)


def test_every_attribute_reads_a_canonical_column() -> None:
    known = {column.name for column in CHARGE_COLUMNS} | {"source"}
    assert set(ATTRIBUTES.values()) <= known


def test_no_two_canonical_columns_share_a_name() -> None:
    names = [column.name for column in CHARGE_COLUMNS]
    assert len(names) == len(set(names))


def test_an_error_says_where_what_and_what_to_do() -> None:
    error = SettingError("unknown key 'alocation'", where="costper.yaml:31", hint="fix it")
    assert str(error) == "costper.yaml:31: unknown key 'alocation'\n  hint: fix it"


def test_an_unknown_name_suggests_the_nearest() -> None:
    assert "'by_quantity'" in str(UnknownNameError("driver", "by_quantty", ["by_quantity", "even"]))


def test_an_outcome_with_a_warning_has_not_failed() -> None:
    assert not Outcome((), (Issue("late", "late file", severity="warning"),)).failed
    assert Outcome((), (Issue("bad-row", "no cost", "bill.csv:7", count=3),)).failed


def test_an_issue_that_stands_for_many_says_how_many() -> None:
    assert Issue("bad-row", "no cost", "bill.csv:7", count=3).text() == (
        "bill.csv:7: no cost (3 rows)"
    )
