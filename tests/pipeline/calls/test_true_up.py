"""Users add up to the invoice, exactly, however often it is asked."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.calls.billed_world import BILLED, DAY, PLAIN, Calls, desk
from tests.store.raw_bills import charge

from costper.allocation.split import split
from costper.model.money import total
from costper.pipeline.calls.invoices import billed_days, family
from costper.pipeline.calls.true_up import due, shared_words, true_up

COSTS = st.decimals(min_value=0, max_value=10**5, places=12)
BILLS = st.decimals(min_value=-(10**6), max_value=10**6, places=18)


@given(costs=st.lists(COSTS, min_size=1, max_size=5), bill=BILLS)
@settings(max_examples=8)
def test_roll_ups_add_up_to_the_invoice_as_split_divides_it(
    costs: Sequence[Decimal], bill: Decimal
) -> None:
    with TemporaryDirectory() as folder, desk(Path(folder), llm=BILLED) as it:
        it.fold(*(Calls(cost=str(cost), user=f"u{at}") for at, cost in enumerate(costs)))
        it.invoice((DAY, str(bill)))
        it.land()
        assert it.sum("cost", "user_daily") == bill
        assert it.sum("cost", "call_hourly") == bill
        assert it.sum("call_cost", "user_daily") == sum(costs)
        weights = {f"u{at}": int(cost.scaleb(12)) for at, cost in enumerate(costs) if cost}
        rows = it.rows("SELECT user_id, SUM(cost) AS cost FROM user_daily GROUP BY user_id")
        got = {row["user_id"]: row["cost"] for row in rows if row["cost"]}
        if weights:
            wanted = split(bill, weights)
            assert got == {user: cost for user, cost in wanted.items() if cost}


@given(costs=st.lists(COSTS, min_size=1, max_size=6), bill=BILLS)
@settings(max_examples=8)
def test_what_is_billed_is_allocated_or_told_with_calls_in_the_books(
    costs: Sequence[Decimal], bill: Decimal
) -> None:
    other = date(2026, 11, 4)
    with TemporaryDirectory() as folder, desk(Path(folder), llm=BILLED) as it:
        for at, cost in enumerate(costs):
            customer = ("acme", "bolt", "")[at % 3]
            it.fold(
                Calls(cost=str(cost), customer=customer),
                Calls(cost=str(cost), customer=customer, day=other),
                Calls(cost=str(cost), customer=customer, provider="anthropic"),
            )
        it.invoice((DAY, str(bill)))
        it.land()
        it.allocate()
        charged = it.sum("effective_cost", "charges")
        assert it.sum("effective_cost", "legs") == charged
        assert charged == bill + 2 * sum(costs)


MODELS = st.sampled_from(["", "gpt-5", "GPT 5", "gpt-5-mini", "gpt-5-mini-2026-04-14", "other"])
CALLED = ("", "gpt-5", "gpt-5-mini", "x")
DAILY = st.decimals(min_value=0, max_value=10**5, places=18)
"""A bill of a million dollars a day is divided by whole millionths, see split.COARSE_FROM."""

AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=18)


@given(
    estimates=st.fixed_dictionaries(dict.fromkeys(CALLED, COSTS | st.just(Decimal(0)))),
    tokens=st.fixed_dictionaries(dict.fromkeys(CALLED, st.integers(0, 9))),
    billed=st.dictionaries(MODELS.map(family), AMOUNTS),
)
def test_what_is_due_of_models_adds_up_to_the_bill(
    estimates: Mapping[str, Decimal], tokens: Mapping[str, int], billed: Mapping[str, Decimal]
) -> None:
    found = due(estimates, tokens, billed)
    assert found.keys() == estimates.keys()
    called = [model for model in estimates if estimates[model] or tokens.get(model)]
    assert total(list(found.values())) == (total(list(billed.values())) if called else 0)
    assert all(not found[model] for model in estimates if model not in called)
    assert due(estimates, tokens, None) == estimates


@given(
    calls=st.lists(st.tuples(COSTS, MODELS, st.integers(0, 3)), min_size=1, max_size=8),
    lines=st.lists(st.tuples(MODELS, DAILY), max_size=4),
)
@settings(max_examples=8)
def test_customers_get_of_the_invoice_what_their_users_add_up_to(
    calls: Sequence[tuple[Decimal, str, int]], lines: Sequence[tuple[str, Decimal]]
) -> None:
    with TemporaryDirectory() as folder, desk(Path(folder), llm=BILLED) as it:
        for cost, model, at in calls:
            it.fold(Calls(cost=str(cost), model=model, user=f"u{at}", customer=f"c{at}"))
        it.models(("", "1"), *((model, f"{cost:f}") for model, cost in lines))
        it.land()
        it.allocate()
        users = it.rows("SELECT customer, SUM(cost) AS cost FROM user_daily GROUP BY customer")
        held = it.by_customer()
        assert it.sum("cost", "user_daily") == 1 + sum(cost for _, cost in lines)
        for row in users:
            off = abs(row["cost"] - held.get(row["customer"], 0))
            assert off <= len(calls) * Decimal("1e-12")


PEOPLE = st.builds(
    Calls,
    cost=COSTS.map(str),
    hour=st.integers(8, 10),
    model=st.sampled_from(["gpt-5", "gpt-5-2026-04-14", "gpt-5-mini"]),
    customer=st.sampled_from(["acme", "bolt", ""]),
    user=st.sampled_from(["u1", "u2", "u3"]),
    kind=st.sampled_from(["user", "service_account"]),
    feature=st.sampled_from(["search", "chat"]),
    more=st.fixed_dictionaries({"prompt_version": st.sampled_from(["", "v2"])}),
)


@given(
    calls=st.lists(PEOPLE, min_size=1, max_size=12),
    lines=st.lists(st.tuples(MODELS, DAILY), max_size=4),
)
@settings(max_examples=12)
def test_both_roll_ups_agree_on_every_cut_they_share(
    calls: Sequence[Calls], lines: Sequence[tuple[str, Decimal]]
) -> None:
    with TemporaryDirectory() as folder, desk(Path(folder), llm=BILLED) as it:
        it.fold(*calls, Calls(cost="1"))
        it.models(("", "0.01"), *((model, f"{cost:f}") for model, cost in lines))
        it.land()
        by = ", ".join(shared_words())
        finest = [
            it.rows(f"SELECT {by}, SUM(cost) AS cost FROM {table} GROUP BY {by} ORDER BY {by}")
            for table in ("call_hourly", "user_daily")
        ]
        assert finest[0] == finest[1]
        billed = Decimal("0.01") + sum(cost for _, cost in lines)
        assert total([row["cost"] for row in finest[0]]) == billed
        assert true_up(it.books, billed_days(it.books)) == ()


def test_a_model_the_bill_names_costs_what_the_bill_says(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(
            Calls(cost="5", model="gpt-5-2026-04-14", user="a"),
            Calls(cost="5", model="gpt-5-mini", user="b"),
        )
        it.models(("GPT 5", "90"), ("gpt-5-mini", "10"), ("", "4"))
        it.land()
        rows = it.rows("SELECT user_id, SUM(cost) AS cost FROM user_daily GROUP BY 1 ORDER BY 1")
        assert [row["cost"] for row in rows] == [92, 12]


def test_a_model_the_bill_does_not_name_gets_what_it_names_nobody_for(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="5", user="a"), Calls(cost="5", model="ft:gpt-5:acme", user="b"))
        it.models(("gpt-5", "90"), ("fine-tuned gpt-5", "7"))
        it.land()
        rows = it.rows("SELECT user_id, SUM(cost) AS cost FROM user_daily GROUP BY 1 ORDER BY 1")
        assert [row["cost"] for row in rows] == [90, 7]


def test_true_up_twice_changes_nothing(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1", user="a"), Calls(cost="1", user="b"), Calls(cost="1", user="c"))
        it.invoice((DAY, "100"))
        billed = billed_days(it.books)
        assert [one.billed for one in true_up(it.books, billed)] == [Decimal(100)]
        before = it.books.marts.changes
        assert true_up(it.books, billed) == ()
        assert it.books.marts.changes == before


def test_a_call_that_comes_later_takes_its_part(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1", user="a"))
        it.invoice((DAY, "10"))
        it.land()
        it.fold(Calls(cost="3", user="b"))
        it.land()
        rows = it.rows("SELECT user_id, SUM(cost) AS cost FROM user_daily GROUP BY 1 ORDER BY 1")
        assert [row["cost"] for row in rows] == [Decimal("2.5"), Decimal("7.5")]


def test_a_day_whose_invoice_is_gone_is_its_estimate_again(tmp_path: Path) -> None:
    other = date(2026, 11, 4)
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", day=other))
        it.invoice((DAY, "10"), (other, "20"))
        it.land()
        assert it.sum("cost", "call_hourly") == 30
        it.invoice((other, "20"))
        it.land()
        assert it.sum("cost", "call_hourly") == 21
        assert it.sum("effective_cost", "charges") == 21


def test_calls_nobody_has_a_price_for_share_their_bill_by_tokens(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(
            Calls(cost="5", user="a"),
            Calls(calls=3, unpriced=3, model="mystery", user="b"),
            Calls(calls=1, unpriced=1, model="mystery", user="c", customer="bolt"),
        )
        it.models(("gpt-5", "6"), ("mystery", "8"))
        it.land()
        rows = it.rows("SELECT user_id, SUM(cost) AS cost FROM user_daily GROUP BY 1 ORDER BY 1")
        assert [row["cost"] for row in rows] == [6, 6, 2]
        assert it.sum("call_cost", "user_daily") == 5
        it.allocate()
        assert it.by_customer() == {"acme": Decimal(12), "bolt": Decimal(2)}


def test_where_no_call_has_a_price_the_bill_goes_by_tokens(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(calls=3, unpriced=3, user="a"), Calls(unpriced=1, user="b"))
        it.invoice((DAY, "10"))
        assert [one.billed for one in it.land().trued_up] == [10]
        assert it.sum("cost", "user_daily", "user_id = 'a'") == Decimal("7.5")


def test_test_calls_keep_their_estimate(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="7", mode="test"))
        it.invoice((DAY, "10"))
        it.land()
        assert it.sum("cost", "user_daily", "data_mode = 'test'") == 7
        assert it.sum("cost", "user_daily", "data_mode = 'real'") == 10


def test_an_invoice_in_another_currency_trues_nothing_up_and_says_so(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"))
        it.invoice((DAY, "10"), billing_currency="EUR")
        landed = it.land()
        assert [one.code for one in landed.issues] == ["not_trued_up"]
        assert it.sum("cost", "user_daily") == 1
        assert it.sum("effective_cost", "charges", "source = 'calls'") == 0


def test_of_a_cloud_bill_only_the_models_pay_for_calls(tmp_path: Path) -> None:
    llm = {"calls": {"invoices": {"aws": "cur"}}}
    with desk(tmp_path, llm=llm) as it:
        it.fold(Calls(cost="1", provider="aws"))
        it.invoice((DAY, "100"), source="cur", service_name="Amazon EC2", billing_account_id="b")
        it.land()
        assert it.sum("cost", "user_daily") == 1
        it.invoice((DAY, "3"), source="cur", service_name="Claude (Amazon Bedrock Edition)")
        it.land()
        assert it.sum("cost", "user_daily") == 3


def test_the_model_is_read_from_where_settings_say_an_invoice_names_it(tmp_path: Path) -> None:
    calls = {"invoices": {"openai": "openai_bill"}}
    rows = [
        charge(DAY, "6", **PLAIN, sku_id="GPT-5-2026-04-14", charge_description="p-77 gpt-5-mini"),
        charge(DAY, "2", **PLAIN, sku_id="gpt-5-mini", charge_description="p-78 gpt-5"),
    ]
    found: dict[str, dict[str, Decimal]] = {}
    for field in ("sku", ""):
        models = {"models": {"openai": field}} if field else {}
        with desk(tmp_path / (field or "plain"), llm={"calls": {**calls, **models}}) as it:
            it.fold(Calls(cost="1"), Calls(cost="1", model="gpt-5-mini"))
            it.bill(rows, "openai_bill")
            it.land()
            sums = it.rows("SELECT model, SUM(cost) AS cost FROM user_daily GROUP BY model")
            found[field] = {row["model"]: row["cost"] for row in sums}
    assert found["sku"] == {"gpt-5": 6, "gpt-5-mini": 2}
    assert found[""] == {"gpt-5": 4, "gpt-5-mini": 4}


def test_a_field_that_is_read_from_now_on_is_rolled_up_of_charges_that_are_there(
    tmp_path: Path,
) -> None:
    calls = {"invoices": {"openai": "openai_bill"}}
    row = charge(DAY, "6", **PLAIN, sku_id="gpt-5")
    with desk(tmp_path, llm={"calls": calls}) as it:
        it.fold(Calls(cost="1"), Calls(cost="1", model="gpt-5-mini"))
        it.bill([row], "openai_bill")
        it.land()
        assert it.sum("cost", "user_daily", "model = 'gpt-5'") == 3
    with desk(tmp_path, llm={"calls": {**calls, "models": {"openai": "sku"}}}) as it:
        it.land()
        assert it.sum("cost", "user_daily", "model = 'gpt-5'") == 6
