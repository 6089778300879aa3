"""Bills others got wrong (named by the reports of them), priced from the provider's own bodies."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.rating.usage.made import anthropic, anthropic_stream, chat, gemini, gemini_stream

from costper.model.call import Line
from costper.rating.corrections import CORRECTIONS
from costper.rating.price import price
from costper.rating.prices import bundled, rates_of, with_overlays
from costper.rating.usage import read_chunks, read_response

CATALOGUE = with_overlays(bundled(), CORRECTIONS)
DAY = date(2026, 11, 20)
MILLION = Decimal(10) ** 6
SONNET = ("anthropic", "claude-sonnet-4-5")
FLASH = ("google", "gemini-2.5-flash")


def usd(*terms: tuple[int, str]) -> Decimal:
    """Reckon by hand: so many tokens at so much for a million."""
    return sum((count * Decimal(each) for count, each in terms), Decimal(0)) / MILLION


def cost(line: Line, provider: str, model: str = "", day: date = DAY) -> Decimal | None:
    """Price a line at the model it names, or the one given where it names none."""
    named = line.model if line.model and "made" not in line.model else model
    return price(line, rates_of(CATALOGUE, provider, named, line.tier, day))


def costs(wire: str, body: dict[str, Any], provider: str, model: str) -> list[Decimal | None]:
    (reading,) = read_response(wire, body).items
    return [cost(line, provider, model) for line in reading.lines]


def stream_costs(
    wire: str, chunks: list[dict[str, Any]], provider: str, model: str
) -> list[Decimal | None]:
    (reading,) = read_chunks(wire, chunks).items
    return [cost(line, provider, model) for line in reading.lines]


CACHED = {
    "input_tokens": 3,
    "cache_creation_input_tokens": 90,
    "cache_read_input_tokens": 1_000,
    "cache_creation": {"ephemeral_5m_input_tokens": 50, "ephemeral_1h_input_tokens": 40},
    "output_tokens": 12,
}


# litellm 9812, 11789, 11364.
def test_cache_tokens_of_anthropic_are_not_billed_as_input_once_more_streamed_or_not() -> None:
    whole = costs("anthropic", anthropic(CACHED), *SONNET)
    assert whole == [usd((3, "3"), (50, "3.75"), (40, "6"), (1_000, "0.3"), (12, "15"))]
    stream = anthropic_stream({**CACHED, "output_tokens": 1}, CACHED)
    assert stream_costs("anthropic", stream, *SONNET) == whole


# litellm 14849: $0.76 for $0.18.
def test_cached_tokens_of_gemini_are_not_charged_twice() -> None:
    usage = {
        "promptTokenCount": 500_000,
        "cachedContentTokenCount": 450_000,
        "candidatesTokenCount": 1_000,
        "totalTokenCount": 501_000,
    }
    assert costs("gemini", gemini(usage), *FLASH) == [
        usd((50_000, "0.3"), (450_000, "0.03"), (1_000, "2.5"))
    ]


# litellm 42663: 20 to 60 % under.
def test_cache_writes_no_breakdown_lists_cost_what_five_minute_ones_do() -> None:
    delta = {"output_tokens": 9, "cache_creation_input_tokens": 400}
    stream = anthropic_stream({**CACHED, "output_tokens": 1}, delta)
    assert stream_costs("anthropic", stream, *SONNET) == [
        usd((3, "3"), (360, "3.75"), (40, "6"), (1_000, "0.3"), (9, "15"))
    ]


# litellm PR 31724.
def test_one_hour_cache_writes_of_a_stream_cost_twice_the_input_not_a_quarter_more() -> None:
    start = {
        "input_tokens": 5,
        "cache_creation_input_tokens": 70,
        "cache_creation": {"ephemeral_1h_input_tokens": 70},
        "output_tokens": 1,
    }
    stream = anthropic_stream(start, {"output_tokens": 30})
    assert stream_costs("anthropic", stream, *SONNET) == [usd((5, "3"), (70, "6"), (30, "15"))]


# bifrost 5354, 3451, 904.
def test_cache_reads_told_in_the_delta_alone_are_paid_once() -> None:
    start = {"input_tokens": 2_000, "output_tokens": 8}
    delta = {"input_tokens": 500, "cache_read_input_tokens": 1_500, "output_tokens": 5}
    assert stream_costs("anthropic", anthropic_stream(start, delta), *SONNET) == [
        usd((500, "3"), (1_500, "0.3"), (5, "15"))
    ]


# helix PR 3005.
def test_running_snapshots_are_paid_once() -> None:
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 40, "totalTokenCount": 140}
    whole = costs("gemini", gemini(usage), *FLASH)
    assert stream_costs("gemini", gemini_stream(usage), *FLASH) == whole
    assert whole == [usd((100, "0.3"), (40, "2.5"))]


# litellm 13810, Portkey gateway 1511: flex at twice its price.
def test_flex_costs_what_flex_does_and_priority_what_priority_does() -> None:
    usage = {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100}
    said = {"model": "gpt-5-2025-08-07"}
    for tier, terms in (
        ("flex", ((1_000, "0.625"), (100, "5"))),
        ("default", ((1_000, "1.25"), (100, "10"))),
        ("priority", ((1_000, "2.5"), (100, "20"))),
    ):
        body = chat(usage, service_tier=tier, **said)
        assert costs("openai_chat", body, "openai", "") == [usd(*terms)]


# Gemini flex traffic was priced as standard.
def test_vertex_flex_traffic_costs_half() -> None:
    usage = {
        "promptTokenCount": 100,
        "candidatesTokenCount": 40,
        "totalTokenCount": 140,
        "trafficType": "ON_DEMAND_FLEX",
    }
    assert costs("gemini", gemini(usage), *FLASH) == [usd((100, "0.15"), (40, "1.25"))]


# litellm PR 39861, 38341: batches lost the long-context price and the cached discount.
def test_batch_long_context_and_cache_stack() -> None:
    line = Line(tier="batch", input_tokens=300_000, cache_read_tokens=100_000, output_tokens=1_000)
    assert cost(line, "openai", "gpt-5.5") == usd((200_000, "5"), (100_000, "0.5"), (1_000, "22.5"))


# Compaction stands only in `iterations`, outside the top-level usage.
def test_compaction_is_paid() -> None:
    listed = [
        {"type": "compaction", "input_tokens": 180_000, "output_tokens": 3_500},
        {"type": "message", "input_tokens": 23_000, "output_tokens": 1_000},
    ]
    delta = {"input_tokens": 23_000, "output_tokens": 1_000, "iterations": listed}
    stream = anthropic_stream({"input_tokens": 23_000}, delta)
    assert stream_costs("anthropic", stream, *SONNET) == [
        usd((180_000, "3"), (3_500, "15")),
        usd((23_000, "3"), (1_000, "15")),
    ]


# An advisor's iterations name a model five times as dear.
def test_a_response_of_two_models_is_paid_at_the_prices_of_both() -> None:
    listed = [
        {"type": "message", "input_tokens": 100, "output_tokens": 40},
        {
            "type": "advisor_message",
            "model": "claude-opus-4-8",
            "input_tokens": 900,
            "output_tokens": 7,
        },
    ]
    usage = {"input_tokens": 100, "output_tokens": 40, "iterations": listed}
    assert costs("anthropic", anthropic(usage), *SONNET) == [
        usd((100, "3"), (40, "15")),
        usd((900, "5"), (7, "25")),
    ]


# A tool loop's input is a sum over its requests; no one of them was long.
def test_a_tool_loop_is_not_paid_at_the_long_context_price_but_its_searches_are() -> None:
    usage = {
        "input_tokens": 404_500,
        "output_tokens": 943,
        "server_tool_use": {"web_search_requests": 10},
    }
    expected = usd((404_500, "3"), (943, "15"), (10, "10000"))
    assert costs("anthropic", anthropic(usage), *SONNET) == [expected]
    long = Line(input_tokens=404_500, output_tokens=943)
    assert cost(long, *SONNET) == usd((404_500, "6"), (943, "22.5"))


# LiteLLM's undated list dropped it: $0, silently.
@pytest.mark.parametrize("model", ["claude-3-5-sonnet-20240620", "claude-sonnet-4-20250514"])
def test_a_retired_model_still_has_its_price(model: str) -> None:
    line = Line(model=model, input_tokens=1_000, output_tokens=100)
    assert cost(line, "anthropic", day=date(2025, 6, 1)) == usd((1_000, "3"), (100, "15"))
    assert cost(line, "anthropic") == usd((1_000, "3"), (100, "15"))


# Tool prompts stand outside promptTokenCount.
def test_tool_prompts_of_gemini_are_paid() -> None:
    usage = {
        "promptTokenCount": 100,
        "toolUsePromptTokenCount": 500,
        "candidatesTokenCount": 10,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 630,
    }
    assert costs("gemini", gemini(usage), *FLASH) == [usd((600, "0.3"), (30, "2.5"))]


# genai-prices: 0.00092 for 0.00351.
def test_audio_is_paid_as_audio_and_is_unpriced_where_it_has_no_price() -> None:
    line = Line(input_tokens=69, audio_input_tokens=44, output_tokens=72, audio_output_tokens=15)
    assert cost(line, "openai", "gpt-4o-audio-preview") == usd(
        (25, "2.5"), (44, "40"), (57, "10"), (15, "80")
    )
    assert cost(line, "openai", "gpt-4o") is None
    cached = Line(input_tokens=60, audio_input_tokens=60, cache_read_tokens=60)
    assert cost(cached, *FLASH) == usd((60, "0.1"))


def test_cache_reads_without_a_price_are_not_free() -> None:
    assert cost(Line(input_tokens=10, cache_read_tokens=5), "openai", "gpt-4-turbo") is None
    assert cost(Line(input_tokens=10), "openai", "gpt-4-turbo") == usd((10, "10"))


# hermes-agent 108936, civitai 3815: `usage.cost` holds search fees no token count shows.
def test_a_cost_that_the_provider_reports_stands_beside_ours() -> None:
    usage = {"prompt_tokens": 254, "completion_tokens": 5, "total_tokens": 259, "cost": 0.020837}
    body = chat(usage, model="anthropic/claude-4.6-sonnet-20260217")
    (reading,) = read_response("openrouter", body).items
    (line,) = reading.lines
    assert line.provider_cost == Decimal("0.020837")
    assert cost(line, "openrouter") == usd((254, "3"), (5, "15"))


# `tokens` is 496 where `billed_units` is 1.
def test_cohere_is_paid_by_its_billed_units() -> None:
    usage = {
        "billed_units": {"input_tokens": 1, "output_tokens": 9},
        "tokens": {"input_tokens": 496, "output_tokens": 11},
    }
    found = costs("cohere", {"id": "x", "usage": usage}, "cohere", "command-r7b-12-2024")
    assert found == [usd((1, "0.0375"), (9, "0.15"))]


def test_cache_writes_of_openai_are_paid_from_gpt_5_6_on() -> None:
    usage = {
        "prompt_tokens": 4_020,
        "completion_tokens": 4,
        "total_tokens": 4_024,
        "prompt_tokens_details": {"cache_write_tokens": 4_012},
    }
    assert costs("openai_chat", chat(usage, model="gpt-5.6-sol"), "openai", "") == [
        usd((8, "4"), (4_012, "5"), (4, "20"))
    ]


# litellm: 0.00014159999999999997.
def test_a_cost_is_exact_and_not_nearly_so() -> None:
    line = Line(input_tokens=944)
    assert cost(line, "openai", "gpt-4o-mini") == Decimal("0.0001416")
    assert format(cost(line, "openai", "gpt-4o-mini") or 0, ".18f") == "0.000141600000000000"


# litellm 36999, PR 36561, 35914: $1.16 booked of about $185.
def test_a_model_nobody_knows_costs_nothing_known_not_nothing() -> None:
    assert cost(Line(input_tokens=10**9), "openai", "gpt-99-turbo") is None
    assert cost(Line(), "openai", "gpt-99-turbo") is None
