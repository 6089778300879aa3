"""The catalogue gives the price that was in force: by model, tier, day, own prices over it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from genai_prices import types as genai
from genai_prices.data import providers
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.model.call import TIERS, Line
from costper.model.money import EXACT
from costper.rating.catalogue import Overlay, Sheet
from costper.rating.corrections import CORRECTIONS
from costper.rating.listed import KIND_OF
from costper.rating.price import price
from costper.rating.prices import bundled, canonical, rates_of, suggestions, with_overlays
from costper.rating.rates import KINDS, RateSet, for_one, published

DAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WITH_STANDARD = [
    (provider, model)
    for provider in providers
    for model in provider.models
    if "input_mtok" in model.get_prices(NOON).__dict__
]


def usd(rates: RateSet, kind: str) -> Decimal | None:
    """Give a rate as vendors print it."""
    rate = rates[KINDS.index(kind)]
    return None if rate is None else published(kind, rate)


def sheet(**prices: str) -> Sheet:
    return {kind: ((-1, for_one(kind, Decimal(said))),) for kind, said in prices.items()}


def own(**said: object) -> Overlay:
    told: dict[str, object] = {"provider": "openai", "models": ("gpt-5",), "where": "own.yaml:2"}
    return Overlay(**{**told, **said})  # type: ignore[arg-type]


def base(model: str, tier: str = "standard", day: date = DAY, provider: str = "openai") -> RateSet:
    found = rates_of(bundled(), provider, model, tier, day)
    assert found is not None
    return found.base


def first_prices() -> Iterator[tuple[str, genai.ModelInfo]]:
    """Give models whose own id finds them first, not one before them on the list."""
    for provider, model in WITH_STANDARD:
        if provider.find_model(model.id) is model:
            yield provider.id, model


@settings(max_examples=300)
@given(
    st.sampled_from(list(first_prices())),
    st.dates(date(2023, 1, 1), date(2026, 12, 31)),
)
def test_every_listed_price_of_every_day_is_the_lists_own(
    listed: tuple[str, genai.ModelInfo], day: date
) -> None:
    provider, model = listed
    found = rates_of(bundled(), provider, model.id, "standard", day)
    if found is None:  # priced by what calls do not count, which the next test is about
        return
    at = datetime(day.year, day.month, day.day, 23, 45, tzinfo=UTC)
    told = model.get_prices(at)
    if isinstance(model.prices, list) and any(
        isinstance(one.constraint, genai.TimeOfDateConstraint) for one in model.prices
    ):
        return  # told apart by test_an_hour_has_its_own_price
    for name, kind in KIND_OF.items():
        said = getattr(told, name)
        rate = found.base[KINDS.index(kind)]
        if isinstance(said, genai.TieredPrices):
            said = said.base
        if said is not None and rate is not None:
            assert published(kind, rate) == round(said, 12)


def test_models_priced_by_hours_pages_or_letters_have_no_price_for_tokens() -> None:
    for provider, model in (("openai", "whisper-1"), ("mistral", "mistral-ocr-2512"),
                            ("openai", "tts-1")):  # fmt: skip
        assert rates_of(bundled(), provider, model, "standard", DAY) is None


def test_output_that_may_be_an_image_has_no_price_rather_than_that_of_text() -> None:
    rates = rates_of(bundled(), "google", "gemini-2.5-flash-image", "standard", DAY)
    assert rates is not None
    assert price(Line(input_tokens=100), rates) == Decimal("0.00003")
    assert price(Line(input_tokens=100, output_tokens=1), rates) is None
    drawn = Line(input_tokens=100, output_tokens=1_300, image_output_tokens=1_290)
    assert price(drawn, rates) == Decimal("0.00003") + 1_290 * Decimal("0.00003") + Decimal(
        "0.000025"
    )
    through = rates_of(bundled(), "openrouter", "google/gemini-2.5-flash-image", "standard", DAY)
    assert price(Line(output_tokens=1), through) is price(drawn, through) is None


@pytest.mark.parametrize(
    ("model", "each"), [("gpt-image-1", "0.00004"), ("gpt-image-1-mini", "0.000008")]
)
def test_all_output_of_a_model_that_only_draws_is_images(model: str, each: str) -> None:
    rates = rates_of(with_overlays(bundled(), CORRECTIONS), "openai", model, "standard", DAY)
    untold, told = Line(output_tokens=10), Line(output_tokens=10, image_output_tokens=10)
    assert price(untold, rates) == price(told, rates) == 10 * Decimal(each)


def test_a_model_nobody_knows_has_no_price() -> None:
    assert rates_of(bundled(), "openai", "gpt-99", "standard", DAY) is None
    assert rates_of(bundled(), "nobody", "gpt-5", "standard", DAY) is None
    assert rates_of(bundled(), "openai", "gpt-5", "scale", DAY) is None
    assert price(Line(), None) is None


@pytest.mark.parametrize(
    ("said", "word"),
    [
        *(("OpenAI", "openai"), ("aws.bedrock", "aws"), ("bedrock_converse", "aws")),
        *(("gcp.vertex_ai", "google"), ("vertex_ai", "google"), ("gemini", "google")),
        *(("azure.ai.openai", "azure"), ("az.ai.openai", "azure"), ("xai", "x-ai")),
        *(("x_ai", "x-ai"), ("mistral_ai", "mistral"), ("My Own", "my own")),
        *(("gcp.gemini", "google"), ("ollama", "ollama"), ("together_ai", "together")),
    ],
)
def test_a_provider_goes_by_many_words(said: str, word: str) -> None:
    assert canonical(said) == word


@pytest.mark.parametrize(
    ("provider", "model", "same"),
    [
        ("openai", "GPT-5-2025-08-07", "gpt-5"),
        ("openai", "openai/gpt-5", "gpt-5"),
        ("google", "models/gemini-2.5-flash", "gemini-2.5-flash"),
        ("anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"),
        ("azure", "gpt-4o-2024-11-20", "gpt-4o"),
        ("vertex_ai", "claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
    ],
)
def test_a_model_goes_by_many_names(provider: str, model: str, same: str) -> None:
    assert base(model, provider=provider) == base(same, provider=provider)


def test_a_bedrock_arn_names_its_model() -> None:
    arn = (
        "arn:aws:bedrock:us-east-1::inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    )
    plain = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert base(arn, provider="aws") == base(plain, provider="bedrock")


def test_the_price_is_that_of_the_day() -> None:
    assert usd(base("o3", day=date(2025, 6, 1)), "output") == 40
    assert usd(base("o3", day=date(2025, 6, 11)), "output") == 8


def test_an_hour_has_its_own_price() -> None:
    rates = rates_of(bundled(), "deepseek", "deepseek-v4-pro", "standard", DAY)
    assert rates is not None
    by_night, by_day = rates.at(10, 0), rates.at(10, 2)
    assert usd(by_day, "output") != usd(by_night, "output")
    before = rates_of(bundled(), "deepseek", "deepseek-v4-pro", "standard", date(2026, 7, 1))
    assert before is not None
    assert before.bands == ()


def test_a_batch_costs_half_its_cache_reads_and_its_long_contexts_too() -> None:
    """LiteLLM's batches lost the long-context price and the cached discount."""
    rates = rates_of(bundled(), "openai", "gpt-5.5", "batch", DAY)
    assert rates is not None
    assert usd(rates.at(1000, 0), "input") == Decimal("2.5")
    assert usd(rates.at(272_001, 0), "input") == 5
    assert usd(rates.at(272_001, 0), "cache_read") == Decimal("0.5")
    anthropic = base("claude-sonnet-5-5", "batch", provider="anthropic")
    assert [usd(anthropic, kind) for kind in KINDS[:5]] == [
        *(Decimal(1), Decimal(5), Decimal("0.05"), Decimal("1.25"), Decimal(2))
    ]


def test_a_batch_before_the_list_knew_of_batches_costs_half_as_well() -> None:
    assert usd(base("gpt-5", "batch", date(2026, 3, 1)), "input") == Decimal("0.625")
    assert usd(base("text-embedding-3-small", "batch"), "input") == Decimal("0.01")
    bedrock = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
    assert usd(base(bedrock, "batch", provider="aws"), "output") == Decimal("8.25")


def test_flex_and_priority_have_prices_of_their_own() -> None:
    """Flex priced as standard is twice what it costs."""
    assert usd(base("gpt-5", "flex"), "input") == Decimal("0.625")
    assert usd(base("gpt-5", "flex"), "cache_read") == Decimal("0.0625")
    assert usd(base("gpt-5", "priority"), "output") == 20
    assert usd(base("gemini-2.5-flash", "flex", provider="google"), "input") == Decimal("0.15")
    assert usd(base("claude-opus-5", "fast", provider="anthropic"), "input") == 10


def test_a_tier_nobody_has_a_price_for_is_not_priced_as_standard() -> None:
    for provider, model, tier in (
        *(("anthropic", "claude-haiku-4-5", "priority"), ("cohere", "command-r", "batch")),
        *(("openai", "gpt-3.5-turbo", "priority"), ("deepseek", "deepseek-chat", "batch")),
    ):
        assert rates_of(bundled(), provider, model, "standard", DAY) is not None
        assert rates_of(bundled(), provider, model, tier, DAY) is None


@given(st.sampled_from(WITH_STANDARD), st.sampled_from(TIERS), st.integers(0, 10**9))
@settings(max_examples=200)
def test_rates_are_exact_at_eighteen_places(
    listed: tuple[genai.Provider, genai.ModelInfo], tier: str, tokens: int
) -> None:
    provider, model = listed
    rates = rates_of(bundled(), provider.id, model.id, tier, DAY)
    if rates is None:
        return
    for one in (rates.base, *(band.rates for band in rates.bands)):
        for rate in one:
            if rate is not None:
                assert EXACT.scaleb(rate, 18) % 1 == 0
                assert 0 <= rate < 1000
    cost = price(Line(input_tokens=tokens), rates)
    rate = rates.at(tokens, 0)[0]
    if rate is not None and cost is not None:
        fee = rates.at(tokens, 0)[KINDS.index("request")] or 0
        assert cost == EXACT.multiply(rate, Decimal(tokens)) + (fee if tokens else 0)


def test_a_discount_is_taken_of_what_it_costs_without_it_at_every_tier() -> None:
    catalogue = with_overlays(bundled(), (own(models=("gpt-5*",), share=Decimal("0.8")),))
    for tier in ("standard", "batch", "priority"):
        before, after = (
            rates_of(one, "openai", "gpt-5", tier, DAY) for one in (bundled(), catalogue)
        )
        assert before is not None
        assert after is not None
        for was, becomes in zip(before.base, after.base, strict=True):
            assert becomes == (None if was is None else EXACT.multiply(was, Decimal("0.8")))
        assert after.sources[-1] == "own.yaml:2"


def test_an_own_price_holds_on_its_days_only() -> None:
    mine = own(sheet=sheet(input="1"), first=date(2026, 3, 1), last=date(2026, 3, 31))
    catalogue = with_overlays(bundled(), (mine,))
    for day, expected in (
        *((date(2026, 2, 28), "1.25"), (date(2026, 3, 1), "1")),
        *((date(2026, 3, 31), "1"), (date(2026, 4, 1), "1.25")),
    ):
        rates = rates_of(catalogue, "openai", "gpt-5", "standard", day)
        assert rates is not None
        assert usd(rates.base, "input") == Decimal(expected)
        assert usd(rates.base, "output") == 10


def test_an_own_model_needs_no_list_and_other_tiers_only_what_it_says() -> None:
    mine = own(
        provider="our gpus",
        models=("llama-*",),
        sheet=sheet(input="0.1", output="0.4"),
        shares={"batch": Decimal("0.5")},
    )
    catalogue = with_overlays(bundled(), (mine,))
    standard = rates_of(catalogue, "Our GPUs", "Llama-4", "standard", DAY)
    batch = rates_of(catalogue, "our gpus", "llama-4", "batch", DAY)
    assert standard is not None
    assert batch is not None
    assert usd(standard.base, "output") == Decimal("0.4")
    assert usd(batch.base, "output") == Decimal("0.2")
    assert rates_of(catalogue, "our gpus", "llama-4", "flex", DAY) is None


def test_of_two_own_prices_the_later_stands_over_the_earlier() -> None:
    overlays = (own(sheet=sheet(input="3")), own(share=Decimal("0.5"), where="own.yaml:9"))
    rates = rates_of(with_overlays(bundled(), overlays), "openai", "gpt-5", "standard", DAY)
    assert rates is not None
    assert usd(rates.base, "input") == Decimal("1.5")
    assert rates.sources[1:] == ("own.yaml:2", "own.yaml:9")


def test_the_version_names_the_list_and_what_is_over_it() -> None:
    one = with_overlays(bundled(), (own(share=Decimal("0.9")),))
    two = with_overlays(bundled(), (own(share=Decimal("0.8")),))
    moved = with_overlays(bundled(), (own(share=Decimal("0.9"), where="own.yaml:77"),))
    assert len({bundled().version, one.version, two.version}) == 3
    assert one.version == moved.version
    assert one.version.startswith("genai-prices 0.")


def test_corrections_stand_over_the_list_from_their_day() -> None:
    catalogue = with_overlays(bundled(), CORRECTIONS)
    stale = rates_of(catalogue, "mistral", "mistral-large-latest", "standard", date(2025, 6, 1))
    fresh = rates_of(catalogue, "mistral", "mistral-large-latest", "standard", DAY)
    audio = rates_of(catalogue, "openai", "gpt-4o-audio-preview", "standard", DAY)
    assert stale is not None
    assert fresh is not None
    assert audio is not None
    assert usd(stale.base, "input") == 2
    assert usd(fresh.base, "input") == Decimal("0.5")
    assert usd(audio.base, "audio_input") == 40


def test_a_correction_ends_once_the_list_says_another_price() -> None:
    right = own(
        provider="mistral", models=("mistral-large-latest",), sheet=sheet(input="0.4", output="1")
    )
    catalogue = with_overlays(bundled(), (right, *CORRECTIONS))
    rates = rates_of(catalogue, "mistral", "mistral-large-latest", "standard", DAY)
    assert rates is not None
    assert usd(rates.base, "input") == Decimal("0.4")


def test_every_correction_still_corrects_something() -> None:
    """One that no longer does is to be taken out."""
    for one in CORRECTIONS:
        model = one.models[0].replace("*", "")
        day = one.first or DAY
        before = rates_of(bundled(), one.provider, model, "standard", day)
        after = rates_of(with_overlays(bundled(), (one,)), one.provider, model, "standard", day)
        assert after is not None
        assert before is None or before.base != after.base


def test_suggestions_name_what_is_meant() -> None:
    assert suggestions(bundled(), "openai", "gpt-4o-mni")[0] == "openai/gpt-4o-mini"
    assert suggestions(bundled(), "openai", "claude-sonnet-4-5")[0] == "anthropic/claude-sonnet-4-5"
    assert suggestions(bundled(), "azure", "our-deployment") == ()


def test_an_own_price_holds_for_dated_names_the_list_knows_by_the_plain_one() -> None:
    priced = with_overlays(bundled(), (own(models=("gpt-4o",), sheet=sheet(input="9")),))

    def told(model: str) -> Decimal | None:
        found = rates_of(priced, "openai", model, "standard", DAY)
        return None if found is None else usd(found.base, "input")

    assert told("gpt-4o") == told("gpt-4o-2024-08-06") == Decimal(9)
    assert told("gpt-4o-2024-05-13") == Decimal(5)
