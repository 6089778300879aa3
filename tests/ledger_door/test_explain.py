"""Explaining a number in a notebook: every bill row, however many pages they fill."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.allocation.world import World
from tests.cli.world import NOW
from tests.pipeline.bill import land
from tests.pipeline.shop import WORLD, Shop, shop
from tests.pipeline.test_explain import LINES, RULES, USED

from costper import Ledger
from costper.api.replies import Replies
from costper.errors import BooksError
from costper.ledger import ledger as module
from costper.ledger.direct import Direct
from costper.ledger.table import Table
from costper.pipeline.allocate import apply
from costper.pipeline.answer.state import States


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with shop(tmp_path, *RULES) as opened:
        yield filled(opened)


def filled(opened: Shop) -> Ledger:
    opened.fill(World(used=USED, people=WORLD.people))
    land(opened.books, LINES)
    apply(opened.books, now=NOW)
    return Ledger(Direct(opened.books, Replies(States(opened.books)), lambda: NOW, owned=False))


@pytest.mark.parametrize("page", [1, 3, 10_000])
def test_every_row_is_given_whatever_the_pages(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    monkeypatch.setattr(module, "EXPLAINED_PAGE", page)
    found = ledger.explain("customer", "acme", since="2026-08", until="2026-09", rows="all")
    assert len(found) == found.question["parts"] > 3
    assert sum(row["cost"] for row in found) == found.total["cost"]
    assert all(row["charge"] for row in found)
    one = ledger.explain("charge", found.rows[0]["charge"], rows="all")
    assert isinstance(one.total["cost"], Decimal)


def test_pages_of_two_states_of_the_books_are_not_put_together(ledger: Ledger) -> None:
    pages = [ledger.explain("customer", name, "2026-08", "2026-09") for name in ("acme", "bolt")]
    with pytest.raises(BooksError, match="ask once more"):
        Table.of_pages(pages, without={})
