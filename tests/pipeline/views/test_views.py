"""A view is the same question wherever it is kept, and says what is wrong with it."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger import NOW
from tests.pipeline.query.world import METRICS, Lettered
from tests.pipeline.views.world import AS_YAML, PER_USER, declared, view, view_books

from costper import demo
from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.errors import UnknownNameError, UserError
from costper.model.question import COMPARES, GRAINS, SCALES, Formula, Letter, Question
from costper.model.span import MOST_DAYS, Span, SpanUnit, read_span
from costper.model.view import View
from costper.pipeline.answer.frame import Standing
from costper.pipeline.query.answer import answer_of
from costper.pipeline.query.ask import ask
from costper.pipeline.query.spans import days_of
from costper.pipeline.views.answers import answered, view_answer, view_asked, views_answer
from costper.pipeline.views.declared import declared_view, view_issues
from costper.pipeline.views.saved import (
    DeclaredViewError,
    all_views,
    delete,
    earlier,
    save,
    saved_view,
)
from costper.pipeline.views.written import view_from_json, view_to_json
from costper.sources import SOURCES
from costper.store.audit import entries, verify
from costper.store.books import Books
from costper.store.views import ChangedMeanwhileError, save_view

names = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)
words = st.text(st.characters(categories=("L", "N"), max_codepoint=0x2FF), max_size=20)
spans = st.builds(Span, st.sampled_from(get_args(SpanUnit)[1:]), st.integers(0, 10))
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


@st.composite
def views(draw: st.DrawFn) -> View:
    """Draw any view."""
    letters = (
        Letter(name="a", kind="metric", of=draw(st.sampled_from([m.name for m in METRICS]))),
        Letter(name="b", kind="cost", where=draw(st.sampled_from(["", "team = search"]))),
    )
    said = draw(st.sampled_from(["span", "since", "days", ""]))
    question = Question(
        letters=letters,
        formulas=draw(st.sampled_from([(), (Formula(name="result", text="b / a"),)])),
        grain=draw(st.sampled_from(GRAINS)),
        by=draw(st.sampled_from([(), ("team",), ("team", "service")])),
        compare=draw(st.sampled_from(COMPARES)),
        unit=draw(words),
        scale=draw(st.sampled_from(SCALES)),
        span=draw(spans) if said == "span" else None,
        since=draw(days) if said == "since" else None,
        days=draw(st.integers(1, 99)) if said == "days" else None,
    )
    return View(name=draw(names), question=question, title=draw(words), owner=draw(words))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Lettered]:
    made = view_books(tmp_path)
    yield made
    made.close()


@pytest.fixture
def books(ledger: Lettered) -> Books:
    return ledger.books()


@given(views())
def test_a_view_written_and_read_again_is_the_same_view(one: View) -> None:
    assert view_from_json(one.name, view_to_json(one)) == one


@given(spans, days)
def test_days_in_words_end_with_the_last_settled_day_or_a_whole_bucket(
    span: Span, last: date
) -> None:
    found = days_of(span, last)
    after = last + timedelta(days=1)
    assert found.start < found.end <= after
    assert found.end == after or span.count
    assert read_span(span.text()) == span


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("last 30 settled days", date(2026, 10, 20), date(2026, 11, 19)),
        ("last week", date(2026, 11, 9), date(2026, 11, 16)),
        ("last 3 months", date(2026, 8, 1), date(2026, 11, 1)),
        ("last quarter", date(2026, 7, 1), date(2026, 10, 1)),
        ("last year", date(2025, 1, 1), date(2026, 1, 1)),
        ("month to date", date(2026, 11, 1), date(2026, 11, 19)),
        ("year to date", date(2026, 1, 1), date(2026, 11, 19)),
    ],
)
def test_days_in_words_are_counted_from_the_last_settled_day(
    words: str, start: date, end: date
) -> None:
    found = days_of(read_span(words), date(2026, 11, 18))
    assert (found.start, found.end) == (start, end)


def test_a_month_that_is_settled_to_its_last_day_is_whole() -> None:
    assert days_of(Span("month", 1), date(2026, 10, 31)).start == date(2026, 10, 1)
    assert days_of(Span("month", 1), date(2026, 10, 30)).start == date(2026, 9, 1)


@pytest.mark.parametrize("text", ["", "3 months", "last", "last 0 days", "day to date", "x" * 999])
def test_words_that_say_no_days_are_refused(text: str) -> None:
    with pytest.raises(UserError, match="range"):
        read_span(text)
    assert read_span(f"last {MOST_DAYS} days").count == MOST_DAYS


def test_declared_stored_and_asked_out_loud_give_the_same_answer(tmp_path: Path) -> None:
    made = view_books(tmp_path, declared(tmp_path, AS_YAML))
    books = made.books()
    save(books, view("stored"), actor="me", now=NOW)
    plain = answer_of(ask(books, view().question, now=NOW))
    assert plain.rows
    for name in ("per_user", "stored"):
        found = answered(*view_asked(books, name, now=NOW, standing=Standing()))
        assert (found.rows, found.total) == (plain.rows, plain.total)
        assert found.question["view"] == name
        assert (found.question["from"], found.question["to"]) == (
            date(2026, 10, 1),
            date(2026, 11, 1),
        )
    made.close()


def test_other_days_may_be_asked_of_a_view(books: Books) -> None:
    save(books, view(), actor="me", now=NOW)
    other = Question(letters=(), since=date(2026, 10, 5), until=date(2026, 10, 12))
    _, found = view_asked(books, "per_user", other, now=NOW, standing=Standing())
    assert found.period.days == 7
    both = Question(letters=(), since=date(2026, 10, 5), until=date(2026, 10, 12), days=3)
    with pytest.raises(UserError, match="twice"):
        view_asked(books, "per_user", both, now=NOW, standing=Standing())


def test_every_version_is_kept_with_who_saved_it_when(books: Books) -> None:
    save(books, view(), actor="ann", now=NOW)
    save(books, view(title="Better"), actor="bob", now=NOW + timedelta(hours=1))
    delete(books, "per_user", actor="cleo", now=NOW + timedelta(hours=2))
    with pytest.raises(UnknownNameError):
        saved_view(books, "per_user")
    save(books, view(title="Again"), actor="ann", now=NOW + timedelta(hours=3))
    found = earlier(books, "per_user")
    assert [(one.version, one.actor, bool(one.body)) for one in found] == [
        (4, "ann", True),
        (3, "cleo", False),
        (2, "bob", True),
        (1, "ann", True),
    ]
    assert [one.action for one in entries(books.control)] == [
        "view saved",
        "view saved",
        "view deleted",
        "view saved",
    ]
    assert verify(books.control) == 4
    (row,) = view_answer(books, "per_user", Standing()).rows
    assert (row["title"], row["version"], row["range"]) == ("Again", 4, "last month")
    assert view_from_json("per_user", row) == view(title="Again")


def test_a_version_that_is_not_the_newest_is_not_replaced(books: Books) -> None:
    save(books, view(), actor="ann", now=NOW, over=0)
    with pytest.raises(ChangedMeanwhileError, match="version 1, not 0"):
        save(books, view(title="late"), actor="bob", now=NOW, over=0)
    save(books, view(title="second"), actor="bob", now=NOW, over=1)
    with pytest.raises(ChangedMeanwhileError):
        save(books, view(title="late"), actor="ann", now=NOW, over=1)
    assert [one.version for one in earlier(books, "per_user")] == [2, 1]
    assert len(entries(books.control)) == 2


def test_saves_at_the_same_moment_are_all_kept_one_after_another(books: Books) -> None:
    faults: list[Exception] = []

    def many(actor: str) -> None:
        for _ in range(10):
            try:
                save_view(books.control, "one", "{}", actor=actor, now=NOW)
            except Exception as error:  # noqa: BLE001 - told below
                faults.append(error)

    threads = [threading.Thread(target=many, args=(f"t{at}",)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert [one.version for one in earlier(books, "one")] == list(range(40, 0, -1))
    assert verify(books.control) == 40


def test_only_one_of_those_who_replace_the_same_version_does(books: Books) -> None:
    won: list[int] = []

    def try_it(actor: str) -> None:
        with suppress(ChangedMeanwhileError):
            won.append(save_view(books.control, "x", actor, actor=actor, now=NOW, over=0).version)

    threads = [threading.Thread(target=try_it, args=(f"t{at}",)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]


def test_a_stored_view_never_hides_a_declared_one(tmp_path: Path, ledger: Lettered) -> None:
    save(ledger.books(), view(title="stored"), actor="me", now=NOW)
    ledger.close()
    made = view_books(tmp_path, declared(tmp_path, AS_YAML))
    books = made.books()
    (one,) = all_views(books)
    assert (one.where, one.view) == ("costper.yaml:3", view())
    with pytest.raises(DeclaredViewError, match="declares view 'per_user'"):
        save(books, view(), actor="me", now=NOW)
    with pytest.raises(DeclaredViewError):
        delete(books, "per_user", actor="me", now=NOW)
    made.close()


@pytest.mark.parametrize(
    "name", ["", "A", "../x", "a/b", "a b", "a" * 64, "-a", "ä", "a\n", "a'--", "a\x00"]
)
def test_names_that_could_not_stand_in_a_path_are_refused(books: Books, name: str) -> None:
    with pytest.raises(UserError, match="cannot name a view"):
        view_from_json(name, PER_USER)
    with pytest.raises(UserError):
        delete(books, name, actor="me", now=NOW)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"letters": {"a": "metric nope", "b": "cost"}}, "a, column 8: unknown metric 'nope'"),
        ({"letters": {"a": "metric orders", "b": "cost where tem = x"}}, "b, column 12"),
        ({"formulas": {"x": "b / zz"}}, "formula, column 5"),
        ({"title": 7}, "title must be text"),
        ({"title": "a\x1b[31m"}, "title must be text"),
        ({"from": "2026-10"}, "range says the days already"),
        ({"surprise": 1}, "unknown member 'surprise'"),
        ({"by": ["nobody"]}, "unknown dimension 'nobody'"),
    ],
)
def test_what_could_never_be_asked_is_not_saved(
    books: Books, changes: dict[str, object], told: str
) -> None:
    with pytest.raises(UserError) as caught:
        save(books, view(**changes), actor="me", now=NOW)
    assert told in caught.value.text()
    assert all_views(books) == ()


@pytest.mark.parametrize(
    ("line", "instead", "where", "told"),
    [
        ("letters:", "    letters: {a: metric nope, b: cost}", 6, "a, column 8: unknown metric"),
        ("letters:", "    letters:\n      a: metric orders\n      b: cost where tem = a", 8, "tem"),
        ("formulas:", "    formulas: {per_thousand: b / zz}", 7, "column 5"),
        ("formulas:", "    formula: b / zz", 7, "column 5"),
        ("by:", "    by: [team, nobody]", 9, "nobody"),
        ("range:", "    range: last fortnight", 10, "says no days"),
        ("letters:", "    letters: {1a: cost}", 6, "cannot name a letter"),
    ],
)
def test_a_declared_view_that_means_nothing_is_told_at_its_line(
    tmp_path: Path, line: str, instead: str, where: int, told: str
) -> None:
    lines = [instead if one.strip().startswith(line) else one for one in AS_YAML.splitlines()]
    made = view_books(tmp_path, declared(tmp_path, "\n".join(lines)))
    (issue,) = view_issues(made.settings, NOW)
    assert issue.where == f"costper.yaml:{where}"
    assert "view 'per_user'" in issue.message
    assert told in issue.message
    books = made.books()
    with pytest.raises(UserError) as caught:
        view_asked(books, "per_user", now=NOW, standing=Standing())
    assert caught.value.where == f"costper.yaml:{where}"
    assert len(views_answer(books, Standing()).rows) == 1
    made.close()


def test_a_good_declared_view_has_no_issue(tmp_path: Path) -> None:
    made = view_books(tmp_path, declared(tmp_path, AS_YAML))
    assert list(view_issues(made.settings, NOW)) == []
    assert declared_view(made.settings.views[0]) == view()
    made.close()


def test_the_views_of_the_demo_company_mean_something() -> None:
    path = Path(demo.__file__).with_name("costper.yaml")
    settings = load_settings(path, catalogue=SOURCES, drivers=tuple(DRIVERS), environment={})
    assert len(settings.views) == 2
    assert list(view_issues(settings, NOW)) == []


def test_a_view_whose_metric_vanished_names_it(tmp_path: Path, ledger: Lettered) -> None:
    save(ledger.books(), view(), actor="me", now=NOW)
    ledger.close()
    made = view_books(tmp_path)
    left = tuple(one for one in METRICS if one.name != "daily_active_users")
    books = replace(made.books(), settings=replace(made.settings, metrics=left))
    with pytest.raises(UserError) as caught:
        view_asked(books, "per_user", now=NOW, standing=Standing())
    assert not isinstance(caught.value, UnknownNameError)
    assert "view 'per_user', a, column 8: unknown metric 'daily_active_users'" in (
        caught.value.message
    )
    made.close()


def test_a_stored_view_nobody_can_read_is_listed_with_its_fault(books: Books) -> None:
    save_view(books.control, "odd", '{"letters": {"a": "kost"}}', actor="me", now=NOW)
    save_view(books.control, "worse", "{", actor="me", now=NOW)
    rows = views_answer(books, Standing()).rows
    assert [bool(row["fault"]) for row in rows] == [True, True]
    with pytest.raises(UserError, match="kost"):
        view_asked(books, "odd", now=NOW, standing=Standing())
