"""However calls arrive, the books are the same: each once, priced once, summed once."""

from collections.abc import Generator
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.calls.fold_world import DAY, HOUR_US, NOON_US, Road, call, pricing, road

from costper.events.event import Event, Line
from costper.pipeline.calls import told
from costper.pipeline.calls.conflicts import lost_or_doubted
from costper.pipeline.calls.rollup import pack
from costper.store.call_tables import TOKENS

EXAMPLES = 25
A_DAY = 24 * HOUR_US


@pytest.fixture(scope="module", params=["lines", "columns"])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Road]:
    """Books into which calls come as the spool writes few of them down, or as it writes many."""
    few = told.FEW if request.param == "lines" else 0
    with (
        pytest.MonkeyPatch.context() as patch,
        road(tmp_path_factory.mktemp("fold")) as made,
    ):
        patch.setattr(told, "FEW", few)
        yield made


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Calls of two days, some without a price, some that bill several models."""
    some = draw(st.integers(1, 12))
    return [
        call(
            number,
            model=draw(st.sampled_from(("gpt-5", "gpt-5-mini", "nobody-knows"))),
            status=draw(st.sampled_from(("ok", "error"))),
            attempt=draw(st.sampled_from((None, 1, 2))),
            user_id=draw(st.sampled_from(("", "a" * 32, "b" * 32))),
            latency_ms=draw(st.sampled_from((None, 0, 120.4, 90_000))),
            cache_read_tokens=draw(st.sampled_from((0, 4))),
            timestamp=NOON_US - draw(st.integers(0, 30)) * HOUR_US,
            lines=draw(
                st.sampled_from(
                    (
                        (),
                        (Line(input_tokens=7), Line(model="gpt-5", output_tokens=3)),
                        (Line(input_tokens=1), Line(model="strange", output_tokens=3)),
                    )
                )
            ),
        )
        for number in range(some)
    ]


def copied(said: list[Event]) -> list[Event]:
    return msgspec.json.decode(msgspec.json.encode(said), type=list[Event])


@settings(max_examples=EXAMPLES)
@given(said=events(), data=st.data())
def test_any_split_any_order_and_any_repetition_give_the_same_books(
    world: Road, said: list[Event], data: st.DataObject
) -> None:
    world.empty()
    world.send(said)
    once = (world.calls(), world.sums())
    again = copied(said) + data.draw(st.lists(st.sampled_from(copied(said)), max_size=6))
    shuffled = data.draw(st.permutations(again))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(shuffled)), max_size=3)))
    world.empty()
    world.send(*(shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True) if a != b))
    assert (world.calls(), world.sums()) == once
    assert world.rows("SELECT * FROM call_conflicts") == []


@settings(max_examples=EXAMPLES)
@given(said=events(), cut=st.integers(0, 12))
def test_every_roll_up_adds_up_to_the_calls_and_is_what_remaking_gives(
    world: Road, said: list[Event], cut: int
) -> None:
    world.empty()
    world.send(said[:cut] or said, said[cut:] or said)
    sums, days = world.sums(), (DAY, date(2026, 11, 19))
    cost = world.one("SELECT COALESCE(SUM(cost), 0) FROM calls")
    for table in ("call_hourly", "user_daily"):
        (rolled,) = world.rows(
            f"SELECT SUM(calls) AS calls, SUM(unpriced_calls) AS unpriced, SUM(cost) AS cost, "
            f"SUM(call_cost) AS call_cost, SUM(input_tokens) AS input_tokens FROM {table}"
        )
        assert rolled == {
            "calls": len(said),
            "unpriced": world.one("SELECT COUNT(*) FROM calls WHERE cost IS NULL"),
            "cost": cost,
            "call_cost": cost,
            "input_tokens": world.one("SELECT SUM(input_tokens) FROM calls"),
        }
    assert world.one("SELECT SUM(calls) FROM user_hourly") == len(said)
    assert world.one("SELECT COALESCE(SUM(calls), 0) FROM latency_daily") == sum(
        event.latency_ms is not None for event in said
    )
    assert pack(world.books, days)
    assert world.sums() == sums
    assert world.one("SELECT COUNT(*) FROM call_hourly") == len(sums["call_hourly"])
    assert world.rebuilt(days) == sums


def test_a_call_without_a_price_has_no_cost_and_is_counted(world: Road) -> None:
    world.empty()
    world.send([call(1, model="nobody-knows"), call(2)])
    unpriced, priced = world.calls()
    assert (unpriced["cost"], unpriced["rated_cost"], unpriced["price_status"]) == (
        None,
        None,
        "unpriced",
    )
    assert (priced["cost"], priced["price_status"]) == (Decimal("0.000015"), "priced")
    assert priced["price_version"] == "by hand"
    sums = world.rows("SELECT model, calls, unpriced_calls, cost FROM call_hourly ORDER BY model")
    assert sums == [
        {"model": "gpt-5", "calls": 1, "unpriced_calls": 0, "cost": Decimal("0.000015")},
        {"model": "nobody-knows", "calls": 1, "unpriced_calls": 1, "cost": Decimal(0)},
    ]


def test_what_the_provider_says_it_cost_wins_and_both_are_kept(world: Road) -> None:
    world.empty()
    world.send([call(1, provider_cost="0.25"), call(2, provider_cost=1e-7, model="strange")])
    said, small = world.calls()
    assert (said["cost"], said["rated_cost"]) == (Decimal("0.25"), Decimal("0.000015"))
    assert (small["cost"], small["rated_cost"]) == (Decimal("0.0000001"), None)
    assert {said["price_status"], small["price_status"]} == {"provider"}


def test_a_call_that_bills_several_models_counts_once(world: Road) -> None:
    world.empty()
    lines = (
        Line(input_tokens=10, part="message"),
        Line(model="gpt-5-mini", service_tier="batch", output_tokens=5, context_tokens=3),
    )
    world.send([call(1, lines=lines, input_tokens=0, output_tokens=0)])
    first, second = world.calls()
    assert (first["line_no"], first["model"], first["part"]) == (0, "gpt-5", "message")
    assert (second["line_no"], second["model"], second["tier"]) == (1, "gpt-5-mini", "batch")
    assert second["context_tokens"] == 3
    assert world.one("SELECT SUM(calls) FROM call_hourly") == 1
    assert world.one("SELECT SUM(cost) FROM call_hourly") == Decimal("0.000011")


def test_what_the_provider_says_of_a_call_of_several_lines_is_counted_once(world: Road) -> None:
    world.empty()
    lines = (Line(input_tokens=10), Line(model="gpt-5-mini", output_tokens=5))
    world.send([call(1, lines=lines, provider_cost="0.5")])
    assert [row["cost"] for row in world.calls()] == [Decimal("0.5"), Decimal(0)]


@pytest.mark.parametrize("together", [True, False])
def test_of_two_bodies_with_one_id_the_first_stands_and_the_other_is_told(
    world: Road, *, together: bool
) -> None:
    world.empty()
    first, other = call(1), call(1, output_tokens=6, timestamp=NOON_US + HOUR_US)
    batches = ([first, other],) if together else ([first], [other])
    world.send(*batches)
    (kept,) = world.calls()
    assert kept["output_tokens"] == 5
    (conflict,) = world.rows('SELECT call_id, hour("at") AS hour FROM call_conflicts')
    assert conflict == {"call_id": "call-1", "hour": 13}
    (issue,) = lost_or_doubted(world.books)
    assert issue.message == "told again with other content, the first stands: 'call-1'"
    assert world.one("SELECT SUM(calls) FROM call_hourly") == 1


def test_the_same_call_sent_again_a_day_later_is_neither_counted_nor_a_conflict(
    world: Road,
) -> None:
    world.empty()
    world.send([call(1, timestamp=NOON_US - A_DAY)], [call(1, timestamp=NOON_US)])
    assert len(world.calls()) == 1
    assert world.rows("SELECT * FROM call_conflicts") == []


def test_a_line_more_is_a_conflict(world: Road) -> None:
    world.empty()
    lines = (Line(input_tokens=1), Line(input_tokens=2), Line(input_tokens=2))
    world.send([call(1, lines=lines)], [call(1, lines=lines[:2])])
    assert len(world.calls()) == 3
    assert world.one("SELECT COUNT(*) FROM call_conflicts") == 1


def test_who_called_is_told_apart(world: Road) -> None:
    world.empty()
    hashed = "c" * 32
    world.send(
        [
            call(1, user_id=hashed),
            call(2, user_id=hashed, anon_id="x"),
            call(3, service_account="nightly"),
            call(4),
        ]
    )
    assert [(row["user_id"], row["user_kind"]) for row in world.calls()] == [
        (hashed, "user"),
        (hashed, "anonymous"),
        ("nightly", "service_account"),
        ("", "unknown"),
    ]


def test_every_count_and_odd_character_arrives(world: Road) -> None:
    world.empty()
    counts = {name: 10**12 - number for number, (name, _) in enumerate(TOKENS)}
    odd = "a\0b'\"\\\n𝄞é"
    world.send([call(1, **counts, endpoint_tag=odd, session_id="s", attempt=3)])
    (row,) = world.calls()
    assert {name: row[name] for name in counts} == counts
    assert (row["feature"], row["session_id"], row["attempt"]) == (odd, "s", 3)


def test_new_prices_hold_for_calls_that_come_after(world: Road) -> None:
    world.empty()
    world.send([call(1)])
    world.intake.price_with(pricing("later"))
    world.send([call(2)])
    world.intake.price_with(pricing())
    assert [row["price_version"] for row in world.calls()] == ["by hand", "later"]


def test_a_batch_nobody_can_read_is_set_aside_and_the_others_are_folded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(told, "FEW", 2)  # a line can hold what a column cannot
    with road(tmp_path) as made:
        bad = msgspec.structs.replace(call(2), timestamp="soon")
        made.intake.offer([call(1)], NOON_US).result()
        made.intake.offer([bad], NOON_US).result()
        made.intake.offer([call(3)], NOON_US).result()
        made.intake.fold_now()
        assert [row["call_id"] for row in made.calls()] == ["call-1", "call-3"]
        standing = made.intake.standing()
        assert (standing.aside, standing.spooled, standing.trouble) == (1, 0, "")
        (issue,) = lost_or_doubted(made.books)
        assert (issue.code, issue.count) == ("calls_set_aside", 1)
