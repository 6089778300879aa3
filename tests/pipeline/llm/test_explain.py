"""What calls cost is walked back to the calls, and every page adds up to the number asked about."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from tests.ledger import NOW, settings
from tests.pipeline.calls.fold_world import DAY, NOON_US, Road, call

from costper.cli.table import inner_tables
from costper.config.llm import LlmSettings
from costper.errors import UnknownNameError, UserError
from costper.events.event import Event
from costper.model.answer import Absent, Answer
from costper.model.money import total
from costper.pipeline.answer.frame import Asked, Frame, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.calls.intake import open_intake
from costper.pipeline.calls.invoices import Billed
from costper.pipeline.calls.price_book import accept_renewal, catalogue_of, plan_renewal
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.true_up import true_up
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.explain import MOST, ORDERS, Listed, explain_calls
from costper.pipeline.llm.ranked import ranked
from costper.pipeline.llm.user import user
from costper.pipeline.llm.users import users
from costper.rating.prices import bundled
from costper.store.books import open_books
from costper.store.engine import Write

HOUSE = """\
prices:
  - provider: house
    models: llama
    input_per_mtok: 1
    output_per_mtok: 2
    cache_read_per_mtok: 0.123
"""
MODELS = ("gpt-5", "gpt-5-mini", "claude-sonnet-4-5", "llama", "nobodys")
PROVIDERS = ("openai", "openai", "anthropic", "house", "house")
TOKENS = st.integers(0, 10**6)


class World(Road):
    """A road with real prices and one of its own, and questions."""

    def frame(self, days: int = 3) -> Frame:
        asked = Asked(since=date(2026, 11, 18), days=days)
        return frame_of(self.books, asked, NOW, standing(self.books))

    def explain(self, listed: Listed | None = None, *, user: str = "", **said: str) -> Answer:
        chosen = Chosen(**said)
        return explain_calls(self.books, self.frame(), chosen, user=user, listed=listed)


@contextmanager
def opened(root: Path) -> Generator[World]:
    held = settings(root, llm=LlmSettings(prices=("own.yaml",)))
    (held.root / "own.yaml").write_text(HOUSE)
    books = open_books(held, now=NOW)
    intake = open_intake(books, pricing_of(catalogue_of(books)))
    intake.start_committing()
    try:
        yield World(books, intake)
    finally:
        intake.close()
        books.close()


@pytest.fixture
def world(tmp_path: Path) -> Generator[World]:
    with opened(tmp_path) as made:
        yield made


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    found: list[Event] = []
    for number in range(draw(st.integers(1, 12))):
        which = draw(st.integers(0, len(MODELS) - 1))
        read, written = draw(TOKENS), draw(TOKENS)
        found.append(
            call(
                number,
                provider=PROVIDERS[which],
                model=MODELS[which],
                user_id=draw(st.sampled_from(["ada", "bob", ""])),
                endpoint_tag=draw(st.sampled_from(["search", "chat"])),
                tenant_id=draw(st.sampled_from(["t1", ""])),
                customer_id=draw(st.sampled_from(["acme", ""])),
                prompt_version=draw(st.sampled_from(["v1", "v2"])),
                timestamp=NOON_US - draw(st.integers(0, 40)) * 3_600_000_000,
                input_tokens=read + draw(TOKENS),
                cache_read_tokens=read,
                output_tokens=written,
                reasoning_tokens=draw(st.integers(0, written)),
                provider_cost=draw(st.sampled_from([None, None, "0.0123"])),
            )
        )
    return found


def summed(answer: Answer) -> Decimal:
    """Add up what every row of a page costs."""
    return total([row["cost"] for row in answer.rows if isinstance(row["cost"], Decimal)])


def proved(answer: Answer) -> None:
    """Hold a page to the law: rows add up to the number, parts to their row, a price each."""
    number = answer.total["cost"]
    assert summed(answer) == (Decimal(0) if isinstance(number, Absent) else number)
    for row in answer.rows:
        parts: Any = row["parts"]
        if parts:
            assert total([part["cost"] for part in parts]) == row["cost"]
            assert all(part["count"] * part["usd_each"] == part["cost"] for part in parts)
            assert row["price"]
    assert not answer.issues or {one.code for one in answer.issues} <= {"unpriced_calls"}


@given(told=events(), bill=st.none() | st.decimals(-100, 10**4, places=18), rows=st.integers(1, 5))
@examples(max_examples=6, deadline=None)
def test_every_page_adds_up_to_the_number_the_rankings_show(
    told: Sequence[Event], bill: Decimal | None, rows: int
) -> None:
    with TemporaryDirectory() as folder, opened(Path(folder)) as world:
        world.send(told)
        if bill is not None:
            true_up(world.books, [_billed(bill)])
        for noun in ("feature", "customer", "model"):
            for row in ranked(world.frame(), Chosen(), noun).rows:
                said = {noun: str(row[noun]), "provider": str(row.get("provider", ""))}
                for order in ORDERS:
                    page = world.explain(Listed(order=order, rows=rows), **said)
                    assert page.total["cost"] == row["cost"]
                    proved(page)
        for row in users(world.frame(), Chosen()).rows:
            page = world.explain(Listed(rows=rows), user=str(row["user"]))
            assert page.total["cost"] == row["cost"]
            proved(page)


def _billed(amount: Decimal) -> Billed:
    return Billed(
        provider="openai", source="bill", day=DAY, currency="USD", model="", amount=amount
    )


def many(count: int = 7) -> list[Event]:
    return [
        call(
            n,
            user_id="ada",
            endpoint_tag="search",
            prompt_version="v1",
            input_tokens=1000 * (n + 1),
            cache_read_tokens=200,
            output_tokens=10,
        )
        for n in range(count)
    ]


def test_pages_walk_through_every_line_once_dearest_or_latest_first(world: World) -> None:
    world.send(many())
    for order in ORDERS:
        seen: list[str] = []
        for after in range(0, 7, 3):
            page = world.explain(Listed(order=order, rows=3, after=after), feature="search")
            proved(page)
            seen += [str(row["call"]) for row in page.rows if row["kind"] == "line"]
        assert seen[0] == "call-6"
        assert sorted(seen) == [f"call-{n}" for n in range(7)]


def test_a_line_tells_its_tokens_prices_the_row_of_the_list_and_its_date(world: World) -> None:
    world.send([*many(1), call(8, provider="house", model="llama", user_id="ada")])
    own, listed = world.explain(Listed(order="latest"), user="ada").rows
    assert listed["how"] == (
        "800 input \N{MULTIPLICATION SIGN} 1.25/1M + 10 output \N{MULTIPLICATION SIGN} 10/1M + "
        "200 cache read \N{MULTIPLICATION SIGN} 0.125/1M"
    )
    assert "openai/gpt-5" in str(listed["price"])
    assert listed["cost"] == Decimal("0.001125")
    assert "own.yaml" in str(own["price"])


def test_a_token_costs_what_it_does_and_not_less_than_a_cent(world: World) -> None:
    world.send(many(1))
    (table,) = inner_tables(world.explain(feature="search"))
    at = table.headers.index("usd each")
    assert {row[at] for row in table.rows} <= {"$0.00000125", "$0.000000125", "$0.00001"}


def test_what_an_invoice_changed_is_a_line_of_its_own(world: World) -> None:
    world.send(many(2))
    true_up(world.books, [_billed(Decimal("0.5"))])
    answer = world.explain(user="ada")
    (row,) = [row for row in answer.rows if row["kind"] == "true_up"]
    assert row["call"] == "(true-up of openai/gpt-5)"
    assert summed(answer) == answer.total["cost"] == Decimal("0.5")
    assert answer.total["cost"] == user(world.frame(), Chosen(), "ada").rows[0]["cost"]


def test_a_provider_that_said_the_cost_and_a_line_without_a_price_say_so(world: World) -> None:
    world.send([call(1, provider_cost="0.25"), call(2, model="nobodys")])
    said, none = world.explain(model="gpt-5").rows, world.explain(model="nobodys")
    assert [row["how"] for row in said] == ["as the provider said"]
    assert none.rows[0]["cost"] == none.total["cost"] == Absent("unpriced")
    assert none.rows[0]["how"] == "nobody had a price for openai/nobodys at standard"


def test_lines_of_an_earlier_price_list_are_proved_by_that_list(world: World) -> None:
    world.send(many(1))
    (world.books.settings.root / "own.yaml").write_text("prices: []\n")
    listing = bundled()
    openai = listing.providers["openai"]
    without = replace(
        listing,
        version="later",
        providers={
            **listing.providers,
            "openai": replace(
                openai, models=tuple(one for one in openai.models if one.id != "gpt-5")
            ),
        },
    )
    planned = plan_renewal(world.books, without, date(2026, 1, 1), backdated=True)
    accept_renewal(world.books, planned, now=NOW)
    (row,) = world.explain(user="ada").rows
    assert "openai/gpt-5" in str(row["price"])


def test_a_line_whose_price_is_nowhere_kept_says_which_list_it_was(world: World) -> None:
    world.send([call(1, provider="house", model="llama")])
    (world.books.settings.root / "own.yaml").write_text(HOUSE.replace("tok: 1", "tok: 9"))
    (row,) = world.explain(provider="house").rows
    assert "no longer kept" in str(row["how"])
    assert row["parts"] == ()


def test_roll_ups_that_differ_from_the_calls_are_told_and_still_add_up(world: World) -> None:
    world.send(many(3))
    world.books.marts.replace([Write(table="calls", where="call_id = 'call-1'")])
    answer = world.explain(feature="search")
    assert [one.code for one in answer.issues] == ["calls_do_not_add_up"]
    assert summed(answer) == answer.total["cost"]


def test_what_no_call_is_of_is_refused_with_the_nearest(world: World) -> None:
    world.send(many(2))
    with pytest.raises(UnknownNameError, match="serch"):
        world.explain(feature="serch", model="gpt-5")
    with pytest.raises(UnknownNameError, match="unknown user"):
        world.explain(user="eve")
    with pytest.raises(UserError, match="rows are 1"):
        world.explain(Listed(rows=MOST + 1))


def test_instants_are_utc_to_the_second(world: World) -> None:
    world.send([call(1)])
    (row,) = world.explain().rows
    assert row["at"] == "2026-11-20T12:00:00Z"
    assert datetime.fromisoformat(str(row["at"])).tzinfo == UTC
