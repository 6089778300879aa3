"""Views at the command line: saved, listed, shown, asked and deleted."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.world import Ran, context
from tests.pipeline.query.world import DAU
from tests.pipeline.views.world import AS_YAML, declared, view_books

from costper.cli.main import main
from costper.store.books import Books

QUESTION = (
    *("per_thousand = b / (a / 1000)", "--a", f"metric {DAU}"),
    *("--b", "cost where team = search", "--grain", "week", "--by", "team"),
    *("--range", "last month", "--compare", "previous"),
)
TITLE = ("--title", "Cost per thousand daily users", "--owner", "platform")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    made = view_books(tmp_path)
    yield made.books()
    made.close()


def run(books: Books, *words: str) -> Ran:
    world = replace(context(books.settings.root), books=books)
    code = main(list(words), world)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())  # type: ignore[attr-defined]


def test_what_is_saved_answers_like_what_is_asked(books: Books) -> None:
    assert "no view yet" in run(books, "view", "list").out
    saved = run(books, "view", "save", "per_user", *QUESTION, *TITLE)
    assert (saved.code, saved.out.split(";")[0]) == (0, "per_user is saved, version 1")
    direct = json.loads(run(books, "ask", *QUESTION, "--json").out)
    for words in (("view", "ask", "per_user"), ("ask", "--view", "per_user")):
        found = json.loads(run(books, *words, "--json").out)
        assert (found["rows"], found["total"]) == (direct["rows"], direct["total"])
        assert found["question"]["title"] == "Cost per thousand daily users"
    assert "ask · view per_user · title Cost per" in run(books, "ask", "--view", "per_user").out
    assert "platform" in run(books, "view", "list").out
    assert run(books, "view", "delete", "per_user").code == 0
    assert run(books, "view", "ask", "per_user").code == 2


def test_what_is_shown_can_stand_in_costper_yaml(books: Books, tmp_path: Path) -> None:
    run(books, "view", "save", "per_user", *QUESTION, *TITLE)
    shown = run(books, "view", "show", "per_user", "--yaml").out
    before = run(books, "view", "ask", "per_user", "--csv").out
    with_it = replace(
        books, settings=replace(books.settings, views=declared(tmp_path, f"currency: USD\n{shown}"))
    )
    assert run(with_it, "view", "ask", "per_user", "--csv").out == before
    assert "declared at costper.yaml:3" in run(with_it, "view", "show", "per_user").out
    refused = run(with_it, "view", "save", "per_user", "--b", "cost")
    assert (refused.code, "declares view" in refused.err) == (2, True)


def test_only_the_days_of_a_view_can_be_others(books: Books) -> None:
    run(books, "view", "save", "per_user", *QUESTION)
    words = ("ask", "--view", "per_user", "--from", "2026-10-05", "--to", "2026-10-12", "--json")
    assert json.loads(run(books, *words).out)["question"]["from"] == "2026-10-05"
    refused = run(books, "ask", "--view", "per_user", "--by", "team")
    assert (refused.code, "says the question already" in refused.err) == (2, True)
    twice = run(books, "view", "ask", "per_user", "--days", "3", "--range", "last week")
    assert (twice.code, "says the days already" in twice.err) == (2, True)


@pytest.mark.parametrize("name", ["../x", "A", "a b", "x" * 64])
def test_a_hostile_name_is_refused(books: Books, name: str) -> None:
    ran = run(books, "view", "save", name, "--b", "cost")
    assert (ran.code, "cannot name a view" in ran.err) == (2, True)


def test_check_tells_of_a_declared_view_at_its_line(tmp_path: Path) -> None:
    text = AS_YAML.replace(f"metric {DAU}", "metric nope")
    (tmp_path / "costper.yaml").write_text(text, encoding="utf-8")
    world = context(tmp_path)
    assert main(["check"], world) == 1
    told = world.stdout.getvalue()  # type: ignore[attr-defined]
    assert "costper.yaml:6: view 'per_user', a, column 8: unknown metric 'nope'" in told
