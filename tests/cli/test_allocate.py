"""`costper allocate` and `costper explain`, over real books."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, localcontext
from pathlib import Path

import pytest
from tests.allocation.world import World
from tests.cli.world import Ran, context
from tests.pipeline.bill import land
from tests.pipeline.shop import WORLD, Shop, shop
from tests.pipeline.test_explain import LINES, RULES, USED

from costper.allocation.reasons import HINTS, hint
from costper.cli.main import main
from costper.model.money import EXACT

AUGUST = ("--from", "2026-08", "--to", "2026-09")


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path, *RULES) as opened:
        opened.fill(World(used=USED, people=WORLD.people))
        land(opened.books, LINES)
        yield opened


def run(books: Shop, *words: str) -> Ran:
    world = replace(context(books.books.settings.root), books=books.books)
    code = main(words, world)
    assert isinstance(world.stdout, io.StringIO)
    assert isinstance(world.stderr, io.StringIO)
    return Ran(code, world.stdout.getvalue(), world.stderr.getvalue())


def test_plan_tells_and_apply_does(books: Shop) -> None:
    planned = run(books, "allocate", "plan")
    assert planned.code == 0
    assert "acme" in planned.out
    assert books.rows("SELECT * FROM legs") == []
    applied = run(books, "allocate", "apply")
    assert applied.out.startswith("2026-08  new: run 1, ")
    assert run(books, "allocate", "apply").out.startswith("2026-08  unchanged: run 1, ")
    (row,) = json.loads(run(books, "allocate", "plan", "--json").out)["rows"]
    assert (row["runs_needed"], row["by_customer"]) == (0, [])
    (done,) = json.loads(run(books, "allocate", "apply", "--json").out)
    assert (done["month"], done["state"]) == ("2026-08", "unchanged")


def test_show_tells_rules_with_their_cost_and_what_is_unallocated(books: Shop) -> None:
    run(books, "allocate", "apply")
    (row,) = json.loads(run(books, "allocate", "show", "--json").out)["rows"]
    taken = {rule["rule"]: rule["matched_cost"] for rule in row["rules"]}
    assert taken["shared database"] == "126.216300000000000000007"
    assert [run["status"] for run in row["runs"]] == ["current"]
    assert all(one["hint"] for one in row["unallocated"])
    assert "shared database" in run(books, "allocate", "show").out


def test_explain_prints_lines_that_add_up(books: Shop) -> None:
    run(books, "allocate", "apply")
    number = books.by_customer()["acme"]
    for rows in ("all", "3"):
        words = ("explain", "customer", "acme", *AUGUST, "--rows", rows, "--json")
        answer = json.loads(run(books, *words).out)
        with localcontext(EXACT):
            costs = [Decimal(line["cost"]) for line in answer["rows"]]
            assert sum(costs, Decimal(0)) == Decimal(answer["total"]["cost"]) == number
    assert "aws/1/0:2" in run(books, "explain", "customer", "acme", *AUGUST).out


def test_explain_charge_walks_the_other_way(books: Shop) -> None:
    run(books, "allocate", "apply")
    answer = json.loads(run(books, "explain", "--charge", "aws/1/0:4", "--json").out)
    assert answer["total"]["cost"] == "60.000000000000000000007"
    assert {row["customer"] for row in answer["rows"]} >= {"acme", "bolt"}


@pytest.mark.parametrize(
    "words",
    [
        ("explain",),
        ("explain", "customer"),
        ("explain", "customer", "acme", "--charge", "aws/1/0:2"),
        ("explain", "custmer", "acme"),
        ("explain", "customer", "acme", "--rows", "many"),
        ("explain", "--charge", "nonsense"),
        ("allocate", "apply", "--month", "2031-01"),
        ("allocate", "aply"),
    ],
)
def test_wrong_use_is_told_with_a_hint(books: Shop, words: tuple[str, ...]) -> None:
    run(books, "allocate", "apply")
    ran = run(books, *words)
    assert ran.code == 2
    assert "hint: " in ran.err


def test_every_reason_has_a_hint() -> None:
    assert all(hint(reason) for reason in HINTS)
    assert hint("unheard of") == ""
