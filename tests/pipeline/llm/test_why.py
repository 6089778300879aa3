"""What drives the cost of calls, and what is unusual in them, against the calls themselves."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from tests.calls import Call, at, tell
from tests.ledger import Ledger, inner
from tests.pipeline.llm.test_ranked import END, START, cost_of, meant, some_calls

from costper.config.llm import BurstSettings, LlmSettings
from costper.config.settings import MetricSetting
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent, Answer
from costper.model.call import Line
from costper.pipeline.answer.frame import Frame
from costper.pipeline.llm.active import active
from costper.pipeline.llm.bursts import bursts
from costper.pipeline.llm.cache import cache
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.cohorts import cohorts
from costper.pipeline.llm.drift import drift
from costper.pipeline.llm.modes import modes
from costper.pipeline.llm.outcomes import outcomes
from costper.pipeline.llm.rates import rates
from costper.pipeline.llm.retries import retries
from costper.pipeline.llm.segments import segments
from costper.pipeline.llm.spikes import spikes
from costper.pipeline.llm.versions import prompt_versions
from costper.pipeline.metric_refresh import refresh_metrics
from costper.rating.listed import bundled
from costper.rating.price import price
from costper.rating.prices import rates_of


def october(ledger: Ledger) -> Frame:
    """Ask about October."""
    return ledger.frame(since=START, until=END)


def daily(
    days: int, *, start: str = "2026-09-01", feature: str = "search", user_id: str = "u1"
) -> list[Call]:
    """Give some calls a day whose cost differs a little from day to day."""
    return [
        Call(
            at=at(start, 8 + hour) + timedelta(days=day),
            cost=f"0.010{(day * 7 + hour) % 10}",
            feature=feature,
            user_id=user_id,
        )
        for day in range(days)
        for hour in range(6)
    ]


def total_cost(found: Answer) -> Decimal:
    costs = (row["cost"] for row in found.rows)
    return sum((cost for cost in costs if isinstance(cost, Decimal)), Decimal(0))


@settings(max_examples=15)
@given(calls=some_calls)
def test_whatever_calls_are_parted_by_the_parts_add_up(calls: list[Call]) -> None:
    with TemporaryDirectory() as folder:
        ledger = Ledger.at(Path(folder))
        tell(ledger, calls)
        frame = october(ledger)
        some = [
            retries(frame, Chosen()),
            outcomes(frame, Chosen()),
            segments(frame, Chosen()),
            prompt_versions(frame, Chosen()),
            active(frame, Chosen()),
        ]
        everything, people = modes(frame, Chosen()), cohorts(frame, Chosen())
        ledger.close()
    own = meant(calls)
    assert [total_cost(one) for one in some] == [cost_of(own)] * len(some)
    inside = [one for one in calls if START <= one.day < END]
    assert total_cost(everything) == cost_of(inside)
    assert total_cost(people) == cost_of(one for one in own if one.user_kind == "user")


def test_a_prompt_that_costs_more_is_dated_and_its_version_is_named(ledger: Ledger) -> None:
    dearer = [
        replace(one, cost=str(Decimal(one.cost or 0) * Decimal("1.22")), prompt_version="v2")
        for one in daily(20, start="2026-10-12")
    ]
    tell(ledger, [*daily(41), *dearer, *daily(61, feature="mail")])
    frame = october(ledger)
    (found,) = drift(frame, Chosen()).rows
    assert (found["day"], found["feature"]) == (date(2026, 10, 12), "search")
    assert found["new_versions"] == ("v2",)
    usual = found["usual_change_percent"]
    assert isinstance(usual, Decimal)
    assert 20 < usual < 24
    assert found["what"] == "dearer tokens"
    first, second = (
        row for row in prompt_versions(frame, Chosen()).rows if row["feature"] == "search"
    )
    assert first["verdict"] == ""
    assert (second["previous"], second["verdict"]) == ("v1", "dearer")
    assert second["first_day"] == date(2026, 10, 12)


def test_a_versions_first_day_is_that_of_its_first_call_whatever_days_are_asked(
    ledger: Ledger,
) -> None:
    newer = [replace(one, prompt_version="v2") for one in daily(20, start="2026-10-12")]
    tell(ledger, [*daily(41), *newer])
    late = ledger.frame(since=date(2026, 10, 27), until=END)
    rows = prompt_versions(late, Chosen()).rows
    assert [row["first_day"] for row in rows] == [date(2026, 10, 12)]


def test_calls_that_only_got_longer_are_told_as_such(ledger: Ledger) -> None:
    longer = [
        replace(one, cost=str(Decimal(one.cost or 0) * 2), input_tokens=200, output_tokens=100)
        for one in daily(20, start="2026-10-12")
    ]
    tell(ledger, [*daily(41), *longer])
    (found,) = drift(october(ledger), Chosen()).rows
    assert found["what"] == "more tokens a call"
    assert found["tokens_change_percent"] == Decimal("100.00")


def test_steady_calls_do_not_drift(ledger: Ledger) -> None:
    tell(ledger, daily(61))
    assert drift(october(ledger), Chosen()).rows == ()


def test_errors_are_told_before_and_after_a_deploy(ledger: Ledger) -> None:
    failing = [
        replace(one, prompt_version="v2", status="error" if n % 3 == 0 else "ok")
        for n, one in enumerate(daily(10, start="2026-10-12"))
    ]
    tell(ledger, [*daily(41), *failing])
    _, second = prompt_versions(october(ledger), Chosen()).rows
    assert second["errors_before_percent"] == 0
    assert second["errors_after_percent"] == Decimal("33.33")
    assert second["verdict"] == "no difference shown"


def test_latency_is_told_to_within_its_class(ledger: Ledger) -> None:
    times = [200] * 90 + [3000] * 10
    tell(ledger, [Call(at=at("2026-10-05"), latency_ms=ms) for ms in times])
    (row,) = prompt_versions(october(ledger), Chosen()).rows
    median, tail = row["latency_median_ms"], row["latency_p95_ms"]
    assert isinstance(median, int)
    assert isinstance(tail, int)
    assert abs(median - 200) <= 0.025 * 200
    assert abs(tail - 3000) <= 0.025 * 3000


def test_an_outcome_costs_what_all_calls_of_its_feature_cost(ledger: Ledger) -> None:
    tell(
        ledger,
        [Call(at=at("2026-10-05"), outcome=one, cost="0.03") for one in ("resolved", "", "")],
    )
    rows = {row["outcome"]: row for row in outcomes(october(ledger), Chosen()).rows}
    assert rows["resolved"]["cost_per_outcome"] == Decimal("0.09")
    assert rows["resolved"]["cost_per_own_call"] == Decimal("0.03")


def test_a_cache_saves_what_the_same_input_would_have_cost_more(ledger: Ledger) -> None:
    one = Call(at=at("2026-10-05"), input_tokens=10_000, cache_read_tokens=8_000)
    tell(ledger, [one, replace(one, at=at("2026-10-06"))])
    found = cache(ledger.books(), october(ledger), Chosen())
    rates_then = rates_of(bundled(), "openai", "gpt-5-mini", "standard", date(2026, 10, 5))
    with_cache = price(Line(input_tokens=10_000, cache_read_tokens=8_000), rates_then)
    without = price(Line(input_tokens=10_000), rates_then)
    assert with_cache is not None
    assert without is not None
    assert found.total["saved"] == 2 * (without - with_cache) > 0
    assert found.total["cache_hit_percent"] == Decimal("80.00")


def test_what_a_cache_of_an_unpriced_model_saved_is_unknown(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-10-05"), model="unheard-of", cache_read_tokens=50)])
    found = cache(ledger.books(), october(ledger), Chosen())
    assert found.rows[0]["saved"] == Absent("unpriced")
    assert found.total["models_without_saving"] == 1


def test_free_internal_and_unknown_use_stand_beside_paid_use(ledger: Ledger) -> None:
    ledger.payer("acme", "900", plan="pro").payer("beta", "0", plan="Free")
    ledger.payer("late", "50", plan="pro", status="churned")
    day = at("2026-10-05")
    tell(
        ledger,
        [
            Call(at=day, customer=name, tenant="ours" if name == "own" else "t1")
            for name in ("acme", "beta", "late", "own", "stranger", "")
        ],
    )
    found = segments(october(ledger), Chosen())
    assert {str(row["segment"]): row["calls"] for row in found.rows} == {
        "paying": 1,
        "free tier": 1,
        "not paying": 1,
        "internal": 1,
        "no customer record": 1,
        "no customer": 1,
    }


def test_an_hour_ten_times_the_usual_is_a_burst(ledger: Ledger) -> None:
    usual = [
        Call(at=at(f"2026-10-{day:02}", 9), user_id=user) for day in range(1, 20) for user in "abcd"
    ]
    busy = [Call(at=at("2026-10-20", hour), user_id="a") for hour in (3, 4) for _ in range(40)]
    tell(ledger, [*usual, *busy])
    (row,) = bursts(october(ledger), Chosen()).rows
    assert (row["user"], row["start"], row["hours"]) == ("a", "2026-10-20T03:00Z", 2)
    assert (row["busiest_hour_calls"], row["usual_busy_hour"]) == (40, 1)
    assert row["busiest_hour"] == row["busiest_tokens_hour"] == "2026-10-20T03:00Z"
    assert row["kind_of_burst"] == "burst"
    assert row["call_cost"] == Decimal("0.80")


def test_calls_nobody_priced_cost_an_unknown_amount_by_the_hour_as_well(ledger: Ledger) -> None:
    busy = [Call(at=at("2026-10-20", 3), user_id="a", cost=None) for _ in range(40)]
    tell(ledger, [*busy, Call(at=at("2026-10-20", 5), user_id="b")])
    unpriced = Absent("unpriced")
    (burst,) = bursts(october(ledger), Chosen()).rows
    assert (burst["user"], burst["call_cost"]) == ("a", unpriced)
    found = {row["user"]: row["call_cost"] for row in rates(october(ledger), Chosen()).rows}
    assert found == {"a": unpriced, "b": Decimal("0.01")}


def test_hours_over_a_limit_are_told_and_many_in_a_row_are_sustained(tmp_path: Path) -> None:
    limits = LlmSettings(burst=BurstSettings(tokens_per_hour=1000, requests_per_hour=8))
    ledger = Ledger.at(tmp_path, llm=limits)
    tell(
        ledger,
        [Call(at=at("2026-10-20", hour), user_id="a") for hour in range(7) for _ in range(9)],
    )
    (row,) = bursts(october(ledger), Chosen()).rows
    assert (row["kind_of_burst"], row["hours"]) == ("sustained", 7)
    assert row["why"] == ("over 8 requests an hour", "over 1,000 tokens an hour")
    with pytest.raises(UserError, match="one feature"):
        bursts(october(ledger), Chosen(feature="search"))
    ledger.close()


def test_rates_are_means_over_hours_with_calls(ledger: Ledger) -> None:
    tell(ledger, [Call(at=at("2026-10-20", hour)) for hour in (1, 1, 1, 2)])
    (row,) = rates(october(ledger), Chosen()).rows
    assert (row["requests_per_hour"], row["busiest_hour_calls"]) == (2, 3)
    assert (row["tokens_per_hour"], row["busiest_tokens_hour_tokens"]) == (300, 450)


def test_the_hour_with_most_calls_and_the_one_with_most_tokens_are_named_apart(
    ledger: Ledger,
) -> None:
    many = [Call(at=at("2026-10-20", 3), user_id="a", input_tokens=1) for _ in range(40)]
    long = [Call(at=at("2026-10-20", 4), user_id="a", input_tokens=90_000) for _ in range(31)]
    late = [Call(at=at("2026-10-20", 9), user_id="a", input_tokens=90_000) for _ in range(31)]
    tell(ledger, [*many, *long, *late, Call(at=at("2026-10-20", 5), user_id="b")])
    (rate,) = [row for row in rates(october(ledger), Chosen()).rows if row["user"] == "a"]
    burst = bursts(october(ledger), Chosen()).rows[0]
    for row in (rate, burst):
        assert (row["busiest_hour"], row["busiest_hour_calls"]) == ("2026-10-20T03:00Z", 40)
        tokens = (row["busiest_tokens_hour"], row["busiest_tokens_hour_tokens"])
        assert tokens == ("2026-10-20T04:00Z", 31 * 90_050)


def test_a_spike_names_its_hours_and_who_called(ledger: Ledger) -> None:
    dear = [Call(at=at("2026-10-20", 3), user_id="a", feature="mail", cost="9")] * 3
    tell(ledger, [*daily(61, user_id="b"), *dear])
    (row,) = spikes(october(ledger), Chosen()).rows
    assert (row["start"], row["hours"], row["cost"]) == ("2026-10-20T03:00Z", 1, Decimal(27))
    assert [part["user"] for part in inner(row, "users")] == ["a"]
    assert [part["feature"] for part in inner(row, "features")] == ["mail"]


def test_without_days_bursts_and_spikes_reach_up_to_now(ledger: Ledger) -> None:
    tell(ledger, [Call(at=datetime.fromisoformat("2026-11-20T11:30:00+00:00"), cost="50")])
    found = bursts(ledger.frame(), Chosen())
    assert (found.question["from"], found.question["to"]) == (
        date(2026, 11, 14),
        date(2026, 11, 21),
    )
    assert spikes(ledger.frame(), Chosen()).question["to"] == date(2026, 11, 21)


def test_cost_per_active_user_divides_sums_and_never_adds_days_of_users(ledger: Ledger) -> None:
    ledger.payer("acme", "100", plan="pro")
    tell(
        ledger,
        [
            Call(at=at(f"2026-10-{day:02}"), user_id=user, cost="0.5")
            for day in (1, 2, 30)
            for user in ("a", "b")
        ]
        + [Call(at=at("2026-10-02"), user_id="job", user_kind="service_account", customer="ours")],
    )
    frame = october(ledger)
    (month,) = active(frame, Chosen()).rows
    assert (month["cost"], month["callers_cost"]) == (Decimal("3.01"), Decimal(3))
    assert (month["callers_count"], month["cost_per_caller"]) == (2, Decimal("1.5"))
    assert isinstance(month["active_users"], Absent)
    assert month["share_of_arpu_percent"] == Decimal("3.01")
    assert month["band"] == "on_target"
    days = active(frame, Chosen(), grain="day").rows
    assert [row["callers_count"] for row in days][:3] == [2, 2, 0]
    with pytest.raises(UnknownNameError, match="unknown metric 'muu'"):
        active(frame, Chosen(), per="muu")


def test_revenue_of_days_before_the_first_call_does_not_make_calls_look_cheap(
    ledger: Ledger,
) -> None:
    ledger.payer("acme", "62", plan="pro")
    tell(ledger, [Call(at=at("2026-10-17"), user_id="a", cost="3")])
    found = active(october(ledger), Chosen())
    assert found.rows[0]["revenue"] == found.total["revenue"] == Decimal(30)
    assert found.rows[0]["share_of_arpu_percent"] == Decimal("10.00")
    assert [one.code for one in found.issues] == ["days_left_out"]
    before = active(ledger.frame(since=date(2026, 9, 1), until=START), Chosen())
    assert isinstance(before.total["revenue"], Absent)


def test_a_week_the_days_asked_for_cut_says_which_of_its_days_it_covers(ledger: Ledger) -> None:
    tell(ledger, daily(61))
    weeks = active(october(ledger), Chosen(), grain="week").rows
    spans = [(row["week"], row["first_day"], row["last_day"], row["days"]) for row in weeks]
    assert spans[0] == (date(2026, 9, 28), date(2026, 10, 1), date(2026, 10, 4), 4)
    assert spans[1] == (date(2026, 10, 5), date(2026, 10, 5), date(2026, 10, 11), 7)
    assert spans[-1] == (date(2026, 10, 26), date(2026, 10, 26), date(2026, 10, 31), 6)


def test_months_without_a_metric_of_their_own_are_divided_by_an_average_of_days(
    tmp_path: Path,
) -> None:
    daily_users = MetricSetting(
        name="requests", unit="user", kind="active_users", aggregation="average"
    )
    ledger = Ledger.at(tmp_path, metrics=(daily_users,))
    ledger.payer("acme", "31", plan="pro")
    for day in range(1, 32):
        ledger.measured(date(2026, 10, day), 10 if day % 2 else 20)
    books = ledger.keep().books()
    refresh_metrics(books)
    tell(ledger, [Call(at=at("2026-10-01"), cost="31")])
    found = active(october(ledger), Chosen())
    (month,) = found.rows
    users = month["active_users"]
    assert isinstance(users, Decimal)
    assert round(users * 31) == 16 * 10 + 15 * 20
    assert found.question["per"] == "average DAU (requests)"
    assert (month["share_of_arpu_percent"], month["band"]) == (Decimal("100.00"), "problem")
    own = active(october(ledger), Chosen(customer="acme")).rows[0]
    assert own["active_users"] == users
    other = active(october(ledger), Chosen(customer="beta")).rows[0]
    assert isinstance(other["active_users"], Absent)
    ledger.close()


def test_people_are_parted_by_how_many_days_they_called_on(ledger: Ledger) -> None:
    often = [Call(at=at(f"2026-10-{day:02}"), user_id="a") for day in range(1, 26)]
    weekly = [Call(at=at(f"2026-10-{day:02}"), user_id="b") for day in (1, 8, 15, 22, 29)]
    seldom = [Call(at=at("2026-10-03"), user_id="c", cost="1")]
    tell(ledger, [*often, *weekly, *seldom])
    found = cohorts(october(ledger), Chosen())
    assert {row["cohort"]: (row["users_count"], row["user_days"]) for row in found.rows} == {
        "daily": (1, 25),
        "weekly": (1, 5),
        "occasional": (1, 1),
    }
