"""A new list joins the one in force and never rewrites the past, unless it is told to."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.rating.catalogue import Catalogue, ListedModel, ListedPrice, ListedProvider
from costper.rating.list_file import read_list, written
from costper.rating.prices import bundled, rates_of
from costper.rating.rates import for_one
from costper.rating.renewal import changes, renewed

FIRST = date(2026, 1, 1)
days = st.integers(0, 60).map(lambda number: FIRST + timedelta(days=number))
prices = st.integers(1, 4).map(lambda usd: {"input": ((-1, for_one("input", Decimal(usd))),)})


@st.composite
def models(draw: st.DrawFn, name: str) -> ListedModel:
    """Give a model with a price of always, dated ones after it, and maybe a batch's."""
    later = sorted(draw(st.lists(days, max_size=3, unique=True)))
    dated = [ListedPrice(sheet=draw(prices), since=since) for since in (None, *later)]
    batch = [ListedPrice(sheet=draw(prices), since=draw(days), tier="batch")]
    told = (*dated, *(batch if draw(st.booleans()) else ()))
    return ListedModel(id=name, match=("equals", name), prices=told)


@st.composite
def lists(draw: st.DrawFn) -> Catalogue:
    names = draw(st.sets(st.sampled_from("abc")))
    listed = tuple([draw(models(name)) for name in sorted(names)])
    provider = ListedProvider(id="p", models=listed)
    return Catalogue(version="v", source="made", providers={"p": provider})


def rate(catalogue: Catalogue, model: str, day: date, tier: str = "standard") -> Decimal | None:
    found = rates_of(catalogue, "p", model, tier, day)
    return found.base[0] if found else None


@given(held=lists(), new=lists(), day=days, model=st.sampled_from("abc"), when=days)
def test_days_before_keep_their_price_and_days_after_have_the_new_one(
    held: Catalogue, new: Catalogue, day: date, model: str, when: date
) -> None:
    joined = renewed(held, new, day)
    was, becomes = rate(held, model, when), rate(new, model, when)
    if when < day and was is not None:
        assert rate(joined, model, when) == was
    elif becomes is not None:
        assert rate(joined, model, when) == becomes
    else:  # gone from the list, or never on either
        assert rate(joined, model, when) == was


@given(held=lists(), new=lists(), day=days, model=st.sampled_from("abc"), when=days)
def test_a_tier_is_continued_like_the_standard_price(
    held: Catalogue, new: Catalogue, day: date, model: str, when: date
) -> None:
    joined = renewed(held, new, day)
    if when >= day and rate(new, model, when, "batch") is not None:
        ended = max((it.since for it in _batches(new, model) if it.since), default=FIRST)
        if when >= ended:
            assert rate(joined, model, when, "batch") == rate(new, model, when, "batch")


def _batches(catalogue: Catalogue, model: str) -> list[ListedPrice]:
    found = [it for it in catalogue.providers["p"].models if it.id == model]
    return [price for it in found for price in it.prices if price.tier == "batch"]


@given(held=lists(), new=lists(), day=days, later=st.integers(0, 30))
def test_a_list_that_is_accepted_again_changes_nothing(
    held: Catalogue, new: Catalogue, day: date, later: int
) -> None:
    joined = renewed(held, new, day)
    then = day + timedelta(days=later)
    assert [one for one in changes(joined, new, then) if one.change != "gone"] == []
    again = renewed(joined, new, then)
    assert {it.id: it.prices for it in again.providers["p"].models} == {
        it.id: it.prices for it in joined.providers["p"].models
    }


@given(held=lists(), new=lists(), day=days, model=st.sampled_from("abc"), when=days)
def test_a_backdated_list_says_the_price_of_every_day(
    held: Catalogue, new: Catalogue, day: date, model: str, when: date
) -> None:
    joined = renewed(held, new, day, backdated=True)
    if rate(new, model, when) is not None:
        assert rate(joined, model, when) == rate(new, model, when)


@given(held=lists(), new=lists(), day=days)
def test_a_joined_list_reads_back_as_it_was_written(
    held: Catalogue, new: Catalogue, day: date
) -> None:
    joined = renewed(held, new, day)
    assert read_list(written(joined), "x") == joined


def test_the_bundled_list_reads_back_as_it_was_written() -> None:
    assert read_list(written(bundled()), "x") == bundled()


GENAI = """[
  {"id": "openai", "name": "OpenAI", "api_pattern": "https://api.openai.com", "models": [
    {"id": "gpt-x", "match": {"or": [{"equals": "gpt-x"}, {"starts_with": "gpt-x-2"}]},
     "prices": [
       {"prices": {"input_mtok": 1.25, "output_mtok": {"base": 10, "tiers": [
           {"start": 1000, "price": 20.5}]}}},
       {"constraint": {"start_date": "2026-06-01"}, "prices": {"input_mtok": 1.1}},
       {"constraint": {"start_time": "00:30:00Z", "end_time": "16:30:00Z"},
        "prices": {"input_mtok": 0.55}}],
     "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 0.625}}]}]}
]"""


def test_the_json_of_genai_prices_is_read_as_its_package_is() -> None:
    read = read_list(GENAI.encode(), "data.json")
    spring = rates_of(read, "openai", "gpt-x-2026", "standard", date(2026, 3, 1))
    summer = rates_of(read, "openai", "gpt-x", "standard", date(2026, 7, 1))
    batch = rates_of(read, "openai", "gpt-x", "batch", date(2026, 3, 1))
    assert spring is not None
    assert summer is not None
    assert batch is not None
    assert spring.at(10, 0)[:2] == (Decimal("0.00000125"), Decimal("0.00001"))
    assert spring.at(1001, 0)[1] == Decimal("0.0000205")
    assert (summer.at(10, 0)[0], summer.at(10, 1)[0]) == (
        *(Decimal("0.0000011"), Decimal("0.00000055")),
    )
    assert batch.base[0] == Decimal("0.000000625")


@pytest.mark.parametrize(
    "body", [b"", b"[]x", b"{}", b'{"form": "costper prices 1"}', b'[{"id": 3}]', b"7",
             b'[{"id": "a", "models": [{"id": "m", "match": {"like": "m"}, "prices": {}}]}]']
)  # fmt: skip
def test_what_is_no_list_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_list(body, "x")


def test_hours_of_a_list_end_where_a_new_one_begins() -> None:
    base = bundled().providers["deepseek"]
    (model,) = [it for it in base.models if it.id == "deepseek-v4-pro"]
    flat = replace(model, prices=model.prices[:1])
    held = replace(bundled(), providers={"deepseek": replace(base, models=(model,))})
    new = replace(bundled(), providers={"deepseek": replace(base, models=(flat,))})
    joined = renewed(held, new, date(2026, 11, 21))
    for day, many in ((date(2026, 11, 20), 1), (date(2026, 11, 21), 0)):
        rates = rates_of(joined, "deepseek", "deepseek-v4-pro", "standard", day)
        assert rates is not None
        assert len(rates.bands) == many


def test_a_model_under_another_name_keeps_its_past_price() -> None:
    """Else a list that renames a model would change what its calls cost before."""
    base = bundled().providers["openai"]
    (gpt,) = [it for it in base.models if it.id == "gpt-5"]
    dear = ListedPrice(sheet={"input": ((-1, for_one("input", Decimal(9))),)})
    renamed = replace(gpt, id="gpt-5-first", prices=(dear,))
    new = replace(bundled(), providers={"openai": replace(base, models=(renamed,))})
    joined = renewed(bundled(), new, date(2026, 11, 21))
    for day, expected in ((date(2026, 11, 20), "0.00000125"), (date(2026, 11, 21), "0.000009")):
        rates = rates_of(joined, "openai", "gpt-5", "standard", day)
        assert rates is not None
        assert rates.base[0] == Decimal(expected)
