"""Answers as people and programs read them."""

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.world import context

from costper.cli.figures import MINUS, money, number, percent, rate
from costper.cli.options import Form
from costper.cli.printable import clean
from costper.cli.render import footer, show
from costper.cli.table import fitting, table_of
from costper.model.answer import Absent, Answer, Row
from costper.model.envelope import envelope
from costper.model.outcome import Issue

AMOUNTS = st.decimals(
    allow_nan=False, allow_infinity=False, places=21, min_value=-(10**12), max_value=10**12
)
ACME: Row = {
    "customer": "acme",
    "plan": "",
    "cost": Decimal("8000.000000000000000000001"),
    "effective_cost": Decimal(8000),
    "trend_percent": Decimal("3.14"),
    "margin": Decimal(-6000),
    "margin_percent": Decimal(-300),
    "requests": Decimal(120000),
    "cost_per_request": Decimal("0.0666666667"),
}
FREE: Row = {
    **ACME,
    "customer": "free\x1b[31m",
    "cost": Decimal("12.5"),
    "trend_percent": Absent("new"),
    "margin": Decimal("-12.5"),
    "margin_percent": Absent("free_loss"),
    "requests": Absent("no_usage"),
    "cost_per_request": Absent("no_usage"),
}
ANSWER = Answer(
    question={"noun": "customers", "from": date(2026, 8, 1), "to": date(2026, 9, 1), "days": 31},
    rows=(ACME, FREE),
    total={"cost": Decimal("8012.5"), "margin": Decimal("-6012.5")},
    currency="USD",
    as_of="2026-11-20T12:00:00Z",
    settled_through=date(2026, 11, 18),
    estimated=False,
    coverage=Decimal("0.973"),
    unallocated={"no_usage": Decimal("12.1")},
)
PLAIN = f"""\
customers · 2026-08-01 to 2026-09-01 (31 days)
customer           cost  trend %      margin  margin %  requests  cost per request
acme          $8,000.00    3.1 %  {MINUS}$6,000.00  {MINUS}300.0 %   120,000           $0.0667
free\\x1b[31m     $12.50        —     {MINUS}$12.50         —         —                 —
total         $8,012.50           {MINUS}$6,012.50
— new: trend %
— free loss: margin %
— no usage: requests, cost per request
as of 2026-11-20T12:00:00Z · settled through 2026-11-18 · final · coverage 97.3 % · \
unallocated $12.10 no usage
"""


def shown(answer: Answer, form: Form = "table", columns: tuple[str, ...] | None = None) -> str:
    """Print an answer and give what was printed."""
    world = context(Path())
    show(answer, form, world, columns=columns)
    assert isinstance(world.stdout, io.StringIO)
    return world.stdout.getvalue()


def test_a_table_in_a_pipe_is_aligned_text_with_what_may_be_believed() -> None:
    assert shown(ANSWER) == PLAIN


def test_json_is_the_envelope_with_every_digit() -> None:
    told = json.loads(shown(ANSWER, "json"))
    assert list(told) == [
        *("question", "rows", "total", "currency", "as_of", "settled_through", "estimated"),
        *("coverage", "unallocated", "issues"),
    ]
    assert told["rows"][0]["cost"] == "8000.000000000000000000001"
    assert told["rows"][1]["margin_percent"] == {"value": None, "reason": "free_loss"}
    assert told["question"]["from"] == "2026-08-01"
    assert (told["coverage"], told["unallocated"]) == ("0.973", {"no_usage": "12.10"})


def test_csv_has_every_column_and_empty_cells_for_what_is_absent() -> None:
    rows = list(csv.DictReader(io.StringIO(shown(ANSWER, "csv"))))
    assert list(rows[0]) == list(ACME)
    assert rows[0]["cost"] == "8000.000000000000000000001"
    assert rows[1]["margin_percent"] == ""


@pytest.mark.parametrize("sign", "=+-@\uff1d\uff0b\uff0d\uff20")
def test_a_customer_named_like_a_formula_stays_text_in_a_spreadsheet(sign: str) -> None:
    hostile: tuple[Row, ...] = ({"customer": f"{sign}cmd|' /C calc'!A0", "cost": Decimal("-1.5")},)
    rows = list(csv.DictReader(io.StringIO(shown(replace(ANSWER, rows=hostile), "csv"))))
    assert rows[0] == {"customer": f"'{sign}cmd|' /C calc'!A0", "cost": "-1.50"}


def test_lists_inside_one_row_become_tables_and_days_become_bars() -> None:
    days: tuple[Row, ...] = (
        {"day": date(2026, 8, 1), "cost": Decimal(1)},
        {"day": date(2026, 8, 2), "cost": Decimal(8)},
    )
    services: tuple[Row, ...] = (
        {"service": "db", "cost": Decimal(3)},
        {"service": "cdn", "cost": Decimal(5)},
    )
    row: Row = {"customer": "acme", "cost": Decimal(8), "daily": days, "services": services}
    text = shown(replace(ANSWER, rows=(row,), total={}))
    assert "customer  acme\ncost      $8.00\ndaily     ▂█\n" in text
    assert "\nservices\nservice   cost\ndb       $3.00\ncdn      $5.00\n" in text
    told = json.loads(shown(replace(ANSWER, rows=(row,)), "json"))
    assert told["rows"][0]["services"][0] == {"service": "db", "cost": "3.00"}
    assert '[{""service"": ""db""' in shown(replace(ANSWER, rows=(row,)), "csv")


def test_no_rows_are_said_in_words() -> None:
    text = shown(replace(ANSWER, rows=(), total={}, settled_through=None, coverage=None))
    assert "nothing to show\n" in text
    assert "settled through no day yet" in text


def test_a_verb_may_choose_the_columns() -> None:
    assert shown(ANSWER, columns=("customer", "margin", "gone")).splitlines()[1] == (
        "customer          margin"
    )


def test_an_issue_that_quotes_a_bill_shows_a_terminal_nothing_to_obey() -> None:
    told = context(Path())
    told.tell("no margin for \x1b[31mred\x1b[0m, \x00z\n  hint: see customers")
    assert isinstance(told.stderr, io.StringIO)
    said = "no margin for \\x1b[31mred\\x1b[0m, \\x00z\n  hint: see customers\n"
    assert told.stderr.getvalue() == said


def test_issues_go_to_standard_error() -> None:
    world = context(Path())
    show(replace(ANSWER, issues=(Issue("stale", "no bill since May", "bill"),)), "table", world)
    assert isinstance(world.stderr, io.StringIO)
    assert world.stderr.getvalue() == "bill: no bill since May\n"


class Terminal(io.StringIO):
    """Output that is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


@pytest.mark.parametrize("columns", ["40", "200"])
def test_a_terminal_never_cuts_a_number(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    world = replace(context(Path(), plain=False), stdout=Terminal())
    show(ANSWER, "table", world)
    assert isinstance(world.stdout, io.StringIO)
    text = world.stdout.getvalue()
    assert "$8,012.50" in text
    assert ("no room for: " in text) == (columns == "40")


def test_a_narrow_window_keeps_the_name_and_one_number() -> None:
    cut, left_out = fitting(table_of(ANSWER), 5)
    assert cut.headers == ("customer", "cost")
    assert left_out[0] == "trend %"


@given(AMOUNTS)
def test_money_is_rounded_never_a_negative_zero_and_only_zero_is_zero(amount: Decimal) -> None:
    text = money(amount, "USD")
    assert text.count("$") == 1
    assert (text[0] == MINUS) == (amount < 0)
    assert ("$0.00" in text) == (not amount)
    read = Decimal(text.replace(MINUS, "-").replace("<", "").replace("$", "").replace(",", ""))
    assert abs(read - amount) <= Decimal("0.01" if "<" in text else "0.005")


@given(AMOUNTS)
def test_an_envelope_amount_reads_back_exactly(amount: Decimal) -> None:
    told = envelope(replace(ANSWER, total={"cost": amount}))["total"]
    assert isinstance(told, dict)
    assert Decimal(str(told["cost"])) == amount


@given(st.text())
def test_nothing_a_terminal_obeys_is_printed(text: str) -> None:
    assert clean(text).isprintable()


def test_currencies_without_cents_have_none() -> None:
    assert money(Decimal("1234.5"), "JPY") == "¥1,235"
    assert money(Decimal("-0.001"), "") == f"{MINUS}<0.01"
    assert money(Decimal("0.3"), "JPY") == "<¥1"
    assert rate(Decimal("-0.001"), "") == f"{MINUS}0.00100"
    assert percent(Decimal("-0.01")) == "0.0 %"
    assert number(Decimal("1E+3")) == "1,000"


def test_what_is_in_the_total_and_in_no_row_is_a_line_so_that_the_table_adds_up() -> None:
    nobody: tuple[Row, ...] = ({"customer": "(untagged)", "cost": Decimal(2)},)
    whole: Row = {"cost": Decimal("8014.5"), "not_customers": nobody}
    lines = shown(replace(ANSWER, total=whole), columns=("customer", "cost")).splitlines()
    assert [line.split("  ")[0] for line in lines[2:6]] == [
        "acme",
        "free\\x1b[31m",
        "(no customer: untagged)",
        "total",
    ]
    assert "(no customer: untagged)      $2.00" in lines
    alone = shown(replace(ANSWER, rows=(), total=whole), columns=("customer", "cost"))
    assert "(no customer: untagged)      $2.00" in alone


def test_a_total_never_overwrites_a_number() -> None:
    alone: Row = {"cost": Decimal(5), "previous_cost": Decimal(4)}
    text = shown(replace(ANSWER, rows=(alone,), total=alone))
    assert "total" not in text
    assert "$5.00          $4.00" in text


def test_the_footer_leaves_out_what_does_not_apply() -> None:
    timeless = replace(
        ANSWER,
        question={"noun": "charge"},
        settled_through=None,
        coverage=None,
        unallocated={},
    )
    assert shown(timeless).splitlines()[-1] == "as of 2026-11-20T12:00:00Z"
    assert footer(replace(timeless, as_of="")) == ""
    assert footer(replace(ANSWER, as_of="")).startswith("settled through")


def test_an_answer_about_one_name_says_that_coverage_is_of_all() -> None:
    one = replace(ANSWER, question={**ANSWER.question, "noun": "customer", "customer": "acme"})
    assert "coverage 97.3 % of all cost · unallocated (of all cost) $12.10 no usage" in footer(one)


def test_unallocated_without_a_rate_is_no_number() -> None:
    told = footer(replace(ANSWER, unallocated={"no_rule": Absent("missing_rate")}))
    assert told.endswith("unallocated — no rule (missing rate)")


def test_only_columns_that_are_shown_are_explained() -> None:
    assert "no usage: " not in shown(ANSWER, columns=("customer", "margin_percent"))


def test_nothing_to_show_says_why() -> None:
    why = (Issue("no_charges", "the books hold no allocated charges"),)
    text = shown(replace(ANSWER, rows=(), total={}, issues=why))
    assert "nothing to show: the books hold no allocated charges\n" in text


def test_a_percentage_has_one_precision_everywhere() -> None:
    row: Row = {"team": "web", "trend_percent": Decimal("3.3")}
    one = replace(ANSWER, rows=(row,), total={"trend_percent": Decimal("3.3")})
    assert list(csv.DictReader(io.StringIO(shown(one, "csv")))) == [
        {"team": "web", "trend_percent": "3.3"}
    ]
    told = json.loads(shown(one, "json"))
    assert told["rows"][0]["trend_percent"] == told["total"]["trend_percent"] == "3.3"


def test_one_day_is_one_day() -> None:
    one = replace(ANSWER, question={**ANSWER.question, "days": 1})
    assert "(1 day)" in shown(one)
