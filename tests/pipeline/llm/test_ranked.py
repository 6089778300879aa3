"""Lists and pages of calls, against sums over the calls themselves."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calls import Call, at, tell
from tests.ledger import Ledger, added, inner

from costper.economics.concentration import concentration
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent
from costper.pipeline.llm.chosen import ALL, Chosen
from costper.pipeline.llm.page import page
from costper.pipeline.llm.ranked import NOUNS, ranked
from costper.pipeline.llm.user import user
from costper.pipeline.llm.users import users

START, END = date(2026, 10, 1), date(2026, 11, 1)

calls_made = st.builds(
    Call,
    at=st.integers(0, 77 * 24).map(lambda hours: at("2026-08-20", 0) + timedelta(hours=hours)),
    user_id=st.sampled_from(("u1", "u2", "u3", "bot", "")),
    user_kind=st.sampled_from(("user", "user", "service_account", "unknown")),
    tenant=st.sampled_from(("t1", "t2", "")),
    customer=st.sampled_from(("acme", "beta", "")),
    feature=st.sampled_from(("search", "summary")),
    environment=st.sampled_from(("production", "staging")),
    data_mode=st.sampled_from(("real", "test")),
    model=st.sampled_from(("gpt-5-mini", "claude")),
    status=st.sampled_from(("ok", "error")),
    input_tokens=st.integers(0, 5000),
    output_tokens=st.integers(0, 5000),
    cost=st.none() | st.decimals("0", "9", places=9).map(str),
    record=st.none() | st.decimals("0", "9", places=12).map(str),
)
some_calls = st.lists(calls_made, max_size=30)


def meant(calls: Iterable[Call], start: date = START, end: date = END) -> list[Call]:
    """Give the real ones of production, in some days."""
    return [
        one
        for one in calls
        if start <= one.day < end and (one.environment, one.data_mode) == ("production", "real")
    ]


def cost_of(calls: Iterable[Call]) -> Decimal:
    return sum((one.cost_of_record for one in calls), Decimal(0))


def by(calls: Iterable[Call], key: Callable[[Call], str]) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for one in calls:
        found.setdefault(key(one), []).append(one)
    return found


def told(calls: list[Call]) -> tuple[TemporaryDirectory[str], Ledger]:
    folder = TemporaryDirectory()
    ledger = Ledger.at(Path(folder.name))
    tell(ledger, calls)
    return folder, ledger


@settings(max_examples=25)
@given(calls=some_calls, noun=st.sampled_from(sorted(NOUNS)))
def test_every_list_says_what_the_calls_themselves_come_to(calls: list[Call], noun: str) -> None:
    folder, ledger = told(calls)
    with folder:
        found = ranked(ledger.frame(since=START, until=END), Chosen(), noun)
        ledger.close()
    expected = by(meant(calls), lambda one: repr([getattr(one, name) for name in NOUNS[noun]]))
    assert len(found.rows) == len(expected)
    for row in found.rows:
        words = [str(row[name]).replace("(none)", "") for name in NOUNS[noun]]
        own = expected[repr(words)]
        unpriced = sum(one.cost is None for one in own)
        assert (row["calls"], row["unpriced_calls"]) == (len(own), unpriced)
        assert row["input_tokens"] == sum(one.input_tokens for one in own)
        priced = len(own) - unpriced
        assert row["cost"] == (cost_of(own) if priced or cost_of(own) else Absent("unpriced"))
        if priced:
            per_call = row["cost_per_call"]
            assert isinstance(per_call, Decimal)
            assert abs(per_call * priced - cost_of(own)) <= Decimal("1e-9")
    total = found.total["cost"]
    assert total == cost_of(meant(calls)) or total == Absent("unpriced")


@settings(max_examples=25)
@given(calls=some_calls)
def test_top_users_and_their_concentration_are_those_of_the_calls(calls: list[Call]) -> None:
    folder, ledger = told(calls)
    with folder:
        found = users(ledger.frame(since=START, until=END), Chosen())
        ledger.close()
    people = by((one for one in meant(calls) if one.user_kind == "user"), lambda one: one.user_id)
    sums = {name: cost_of(own) for name, own in people.items()}
    order = sorted(sums, key=lambda name: (-sums[name], name))
    assert [row["user"] for row in found.rows] == [name or "(none)" for name in order]
    assert found.total["users_count"] == len(sums)
    expected = concentration(sums)
    assert found.total["gini_index"] == expected.gini
    assert found.total["top_10_percent"] == expected.tops[2].share
    lorenz = [(p["members_percent"], p["cumulative_percent"]) for p in inner(found.total, "lorenz")]
    assert lorenz == list(expected.lorenz)


def test_a_tie_for_the_last_place_is_broken_by_the_id(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-10-05"), user_id=name) for name in ("c", "a", "b")])
    found = users(ledger.frame(since=START, until=END), Chosen(), top=2)
    assert [row["user"] for row in found.rows] == ["a", "b"]


def test_programs_and_nobody_stand_apart_from_people(ledger: Ledger) -> None:
    tell(
        ledger,
        [
            Call(at=at("2026-10-05")),
            Call(at=at("2026-10-05"), user_id="nightly", user_kind="service_account", cost="0.03"),
        ],
    )
    found = users(ledger.frame(since=START, until=END), Chosen())
    assert [row["user"] for row in found.rows] == ["u1"]
    (apart,) = inner(found.total, "apart")
    assert (apart["kind"], apart["cost"]) == ("service_account", Decimal("0.03"))
    assert apart["share_percent"] == Decimal("75.00")


def test_shares_and_their_sums_are_of_the_users_of_the_kind_asked_for(ledger: Ledger) -> None:
    day = at("2026-10-05")
    tell(
        ledger,
        [
            Call(at=day, user_id="a", cost="0.03"),
            Call(at=day, user_id="b", cost="0.01"),
            Call(at=day, cost="0.04", user_id="nightly", user_kind="service_account"),
        ],
    )
    people = users(ledger.frame(since=START, until=END), Chosen())
    shares = [(row["share_percent"], row["cumulative_percent"]) for row in people.rows]
    assert shares == [(Decimal(75), Decimal(75)), (Decimal(25), Decimal(100))]
    (only,) = users(ledger.frame(since=START, until=END), Chosen(), kind="service_account").rows
    assert only["share_percent"] == only["cumulative_percent"] == Decimal(100)


def test_a_users_tenant_and_customer_stood_in_one_call(ledger: Ledger) -> None:
    tell(
        ledger,
        [
            Call(at=at("2026-10-04"), tenant="t-z", customer="old", cost="9"),
            Call(at=at("2026-10-05"), tenant="t-c", customer="", cost="0.01"),
            Call(at=at("2026-10-05"), tenant="t-a", customer="acme", cost="0.02"),
        ],
    )
    (row,) = users(ledger.frame(since=START, until=END), Chosen()).rows
    assert (row["tenant"], row["customer"]) == ("t-a", "acme")


def test_an_unpriced_call_is_never_zero_dollars(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-10-05"), cost=None), Call(at=at("2026-10-05"), feature="mail")])
    found = ranked(ledger.frame(since=START, until=END), Chosen(), "feature")
    rows = {row["feature"]: row for row in found.rows}
    assert rows["search"]["cost"] == rows["search"]["cost_per_call"] == Absent("unpriced")
    assert rows["mail"]["cost"] == Decimal("0.01")
    (issue,) = found.issues
    assert issue.message == "1 call unpriced: in no amount, never $0"


def test_test_and_staging_calls_are_left_out_unless_asked_for(ledger: Ledger) -> None:
    day = at("2026-10-05")
    tell(
        ledger,
        [Call(at=day), Call(at=day, data_mode="test"), Call(at=day, environment="staging")],
    )
    frame = ledger.frame(since=START, until=END)
    assert ranked(frame, Chosen(), "feature").total["calls"] == 1
    everything = Chosen(environment=ALL, data_mode=ALL)
    assert ranked(frame, everything, "feature").total["calls"] == 3
    assert ranked(frame, Chosen(environment="Prod"), "feature").total["calls"] == 1
    with pytest.raises(UserError, match="unknown data mode 'tset'"):
        ranked(frame, Chosen(data_mode="tset"), "feature")


def test_a_trend_is_only_told_where_the_days_before_are_known(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-09-03"), cost="0.02"), Call(at=at("2026-10-05"))])
    frame = ledger.frame(since=START, until=END)
    (row,) = ranked(frame, Chosen(), "feature").rows
    assert row["trend_percent"] == Absent("previous_incomplete")
    tell(ledger, [Call(at=at("2026-08-01"))])
    (row,) = ranked(frame, Chosen(), "feature").rows
    assert row["trend_percent"] == Decimal("-50.0")


def test_a_page_of_a_user_says_of_what_and_when(ledger: Ledger) -> None:
    tell(
        ledger,
        [
            Call(at=at("2026-10-05", 3), cost="0.5", input_tokens=900),
            Call(at=at("2026-10-05", 3)),
            Call(at=at("2026-10-07", 4), feature="mail", cost=None, input_tokens=4000),
            Call(at=at("2026-10-07", 4), user_id="u2", cost="7"),
        ],
    )
    found = user(ledger.frame(since=START, until=END), Chosen(), "u1")
    (row,) = found.rows
    assert (row["cost"], row["calls"], row["unpriced_calls"]) == (Decimal("0.51"), 3, 1)
    assert (row["busiest_hour"], row["busiest_hour_calls"]) == ("2026-10-05T03:00Z", 2)
    assert [part["feature"] for part in inner(row, "features")] == ["search", "mail"]
    assert (row["busiest_tokens_hour"], row["busiest_tokens_hour_tokens"]) == (
        "2026-10-07T04:00Z",
        4050,
    )
    assert (row["requests_per_hour"], row["tokens_per_hour"]) == (Decimal("1.5"), Decimal(2575))
    assert row["active_days"] == 2
    days = {part["day"]: part["cost"] for part in inner(row, "daily")}
    assert (len(days), days[date(2026, 10, 7)]) == (31, Absent("unpriced"))
    with pytest.raises(UnknownNameError, match="unknown user 'u9'"):
        user(ledger.frame(since=START, until=END), Chosen(), "u9")


def test_a_page_of_a_feature_adds_up_to_its_line_in_the_list(ledger: Ledger) -> None:
    start = at("2026-09-25")
    made = [
        Call(at=start + timedelta(hours=7 * n), user_id=f"u{n % 5}", cost=f"0.0{n}")
        for n in range(40)
    ]
    tell(ledger, made)
    frame = ledger.frame(since=START, until=END)
    (row,) = page(frame, Chosen(), "feature", "search").rows
    (line,) = ranked(frame, Chosen(), "feature").rows
    assert {name: row[name] for name in ("calls", "cost", "cost_per_call")} == {
        name: line[name] for name in ("calls", "cost", "cost_per_call")
    }
    for parts in ("users", "models", "tenants", "prompt_versions"):
        assert added(inner(row, parts)) == row["cost"]
    with pytest.raises(UnknownNameError, match="search"):
        page(frame, Chosen(), "feature", "serch")


def test_a_new_model_that_nobody_priced_has_no_previous_cost(tmp_path: Path) -> None:
    ledger = Ledger.at(tmp_path)
    new = Call(at=at("2026-10-05"), model="new", cost=None)
    tell(ledger, [new, replace(new, model="priced", cost="1"), Call(at=at("2026-08-01"))])
    found = ranked(ledger.frame(since=START, until=END), Chosen(), "model")
    costs = {row["model"]: (row["previous_cost"], row["trend_percent"]) for row in found.rows}
    assert costs == {
        "new": (Absent("no_calls"), Absent("unpriced")),
        "priced": (Decimal(0), Absent("new")),
    }
    ledger.close()
