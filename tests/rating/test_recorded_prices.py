"""All recorded responses cost what a hand reckons by the prices of 2026-11-20, exactly."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.rating.usage.test_recorded import LLM, STEMS, exchange, read

from costper.model.call import Line
from costper.rating.corrections import CORRECTIONS
from costper.rating.price import price
from costper.rating.prices import bundled, rates_of, with_overlays
from costper.rating.usage import wire_of

pytestmark = pytest.mark.shared(LLM)

CATALOGUE = with_overlays(bundled(), CORRECTIONS)
DAY = date(2026, 11, 20)
Terms = tuple[tuple[int, str], ...]
SEARCH = "10000"
"""Ten dollars a thousand, as for a million."""

COSTS: dict[str, tuple[Terms | None, ...]] = {
    # (tokens, USD for a million of them), a line each; None has no price.
    "anthropic_advisor_stream.0": (
        ((1_128, "2"), (135, "10")),
        ((2_543, "5"), (18, "25")),
        ((1_283, "2"), (10, "10")),
    ),
    "anthropic_cache_stream.0": (((4, "3"), (1_165, "3.75"), (201, "15")),),
    "anthropic_cache_write_then_read.0": (((3, "3"), (1_111, "0.3"), (406, "15")),),
    "anthropic_opus5.0": (((13, "5"), (44, "25")),),
    # Not at the price of contexts above 200,000: no request of the loop was that long.
    "anthropic_pause_turn_stream.0": (((404_500, "3"), (943, "15"), (10, SEARCH)),),
    "anthropic_thinking_stream.0": (((52, "3"), (216, "15")),),
    "azure_openai_chat.0": (((14, "2.5"), (9, "10")),),
    # us. is regional: ten percent more than Anthropic's own.
    "bedrock_converse_cache.0": (((2, "3.3"), (1_322, "4.125"), (5, "16.5")),),
    "bedrock_converse_stream.0": (((2, "0.035"), (32, "0.14")),),
    "cohere_chat_billed_units.0": (((1, "0.0375"), (9, "0.15")),),
    "deepseek_reasoner.0": (((12, "0.28"), (789, "0.42")),),
    "gemini_basic_thoughts.0": (((9, "0.3"), (43, "2.5")),),
    "gemini_cached_content.0": (),
    "gemini_cached_content.1": (((8, "0.3"), (3_512, "0.03"), (44, "2.5")),),
    "gemini_stream_cancelled.0": (((6, "0.3"), (36, "2.5")),),
    "gemini_stream_live_usage.0": (((18, "0.3"), (115, "2.5")),),
    "groq_chat.0": (((48, "0.59"), (8, "0.79")),),
    "ollama_chat.0": (None,),
    "openai_chat_basic.0": (((8, "2.5"), (10, "10")),),
    "openai_chat_cache_e2e.0": (((8, "4"), (4_012, "5"), (4, "20")),),
    "openai_chat_reasoning.0": (((13, "1.1"), (1_915, "4.4")),),
    "openai_chat_reasoning.1": (((577, "1.1"), (2_320, "4.4")),),
    "openai_chat_service_tier.0": (((8, "2.5"), (82, "20")),),
    "openai_chat_stream_include_usage.0": (((12, "0.28"), (89, "0.42")),),
    "openai_chat_stream_no_usage.0": (((10, "0.5"), (50, "1.5")),),
    "openai_embeddings.0": (((4, "0.02"),),),
    "openai_responses_cache_e2e.1": (((8, "4"), (4_012, "0.4"), (5, "20")),),
    "openai_responses_service_tier.0": (((8, "2.5"), (15, "20")),),
    "openai_responses_stream_usage.0": (((53, "0.625"), (469, "5")),),
    "openrouter_cache_stream_cost.0": (((254, "3"), (5, "15")),),
    "xai_grpc_thinking_cost_ticks": (((85, "2"), (128, "0.3"), (39, "6")),),
    "openai_realtime_ws_audio": (((16, "4"), (9, "16"), (15, "64")),),
}
WITHOUT_EXCHANGE = {"xai_grpc_thinking_cost_ticks": "x-ai", "openai_realtime_ws_audio": "openai"}


def served(shared: Path, stem: str) -> tuple[str, str]:
    """Give who answered, and the model where the body names none."""
    if stem in WITHOUT_EXCHANGE:
        return WITHOUT_EXCHANGE[stem], ""
    met = exchange(shared, stem)
    where = wire_of(met["uri"])
    body: dict[str, str] = met["request_body"] or {}
    # A proxy on localhost speaks for OpenAI.
    return (where[0], where[2] or body.get("model", "")) if where else ("openai", "")


def cost(line: Line, provider: str, model: str) -> Decimal | None:
    rates = rates_of(CATALOGUE, provider, line.model or model, line.tier, DAY)
    return price(line, rates)


def by_hand(terms: Terms | None) -> Decimal | None:
    if terms is None:
        return None
    return sum((count * Decimal(each) for count, each in terms), Decimal(0)) / 10**6


@pytest.mark.parametrize("stem", STEMS)
def test_a_recorded_response_costs_what_a_hand_reckons(shared: Path, stem: str) -> None:
    provider, model = served(shared, stem)
    found = [cost(line, provider, model) for line in read(shared, stem).lines]
    assert found == [by_hand(terms) for terms in COSTS[stem]]


def test_every_recorded_response_is_reckoned() -> None:
    assert sorted(COSTS) == sorted(STEMS)


def test_what_the_providers_reported_is_kept_and_ours_is_beside_it(shared: Path) -> None:
    (openrouter,) = read(shared, "openrouter_cache_stream_cost.0").lines
    assert openrouter.provider_cost == cost(openrouter, "openrouter", "") == Decimal("0.000837")
    (xai,) = read(shared, "xai_grpc_thinking_cost_ticks").lines
    assert xai.provider_cost == Decimal("0.000468")
    # The list has cache reads at 0.3 where the ticks say 0.5: a gap of 5 %, so theirs counts.
    assert xai.provider_cost == by_hand(((85, "2"), (128, "0.5"), (39, "6")))
