"""Lumen Assist, what the company sells on top, as plain facts: four features that call models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.demo.company import MONTHS

USERS: Mapping[date, int] = dict(
    zip((month.start for month in MONTHS), (500, 2_000, 5_000), strict=True)
)
"""How many people used it in each month, first in a pilot."""

COST_PER_USER: Mapping[date, Decimal] = dict(
    zip(USERS, (Decimal("1.60"), Decimal("2.30"), Decimal("3.00")), strict=True)
)
"""USD a user of the month, all calls of people together."""

HEAVY_EVERY = 20
HEAVY_SHARE = Decimal("0.40")
"""One user in twenty makes this share of the cost."""

CHANGE_DAY = date(2026, 10, 20)
CHANGE = Decimal("1.22")
"""From this day on the summariser's new prompt makes a call so many times as dear."""

GROWTH = 1_042
"""Thousandths of a day's calls there are a day later, but for weekends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One feature: `calls` in every round of use, each costing `call_cost` USD on average.

    Prices are in USD for a million tokens; `cached` of the input (in thousandths) comes from a
    cache; `output` says how many times as long an answer is as the trace's, in thousandths.
    """

    name: str
    team: str
    provider: str
    model: str
    version: str
    calls: int
    call_cost: Decimal
    input_price: Decimal
    output_price: Decimal
    cache_price: Decimal
    cached: int = 0
    output: int = 1_000
    outcomes: tuple[str, ...] = ()


SUMMARISER = "summariser"
SEARCH = "search"
DRAFTER = "email-drafter"
FEATURES: tuple[Feature, ...] = (
    Feature(
        name=SEARCH,
        team="product",
        provider="openai",
        model="gpt-5",
        version="search-v3",
        calls=25,
        call_cost=Decimal("0.029"),
        input_price=Decimal("1.25"),
        output_price=Decimal(10),
        cache_price=Decimal("0.125"),
        cached=300,
        outcomes=("answered", "answered", "answered", "no_answer"),
    ),
    Feature(
        name=SUMMARISER,
        team="product",
        provider="anthropic",
        model="claude-opus-4-6",
        version="summary-v7",
        calls=1,
        call_cost=Decimal("0.90"),
        input_price=Decimal(5),
        output_price=Decimal(25),
        cache_price=Decimal("0.5"),
        output=50,
    ),
    Feature(
        name="code-assistant",
        team="platform",
        provider="anthropic",
        model="claude-sonnet-4-5",
        version="code-v12",
        calls=8,
        call_cost=Decimal("0.25"),
        input_price=Decimal(3),
        output_price=Decimal(15),
        cache_price=Decimal("0.3"),
        cached=600,
        outcomes=("merged", "edited", "dropped"),
    ),
    Feature(
        name=DRAFTER,
        team="growth",
        provider="anthropic",
        model="claude-sonnet-4-5",
        version="draft-v5",
        calls=6,
        call_cost=Decimal("0.165"),
        input_price=Decimal(3),
        output_price=Decimal(15),
        cache_price=Decimal("0.3"),
        outcomes=("sent", "sent", "discarded"),
    ),
)
CHANGED_VERSION = "summary-v8"

UNPRICED_MODEL = "lumen-rerank-1"
UNPRICED_PROVIDER = "lumen-gpu"
UNPRICED_FROM = date(2026, 10, 22)
UNPRICED_DAILY = 60
"""A model of the company's own that nobody has given a price yet."""

DIGEST = "nightly-digest"
DIGEST_DAILY = 40
"""A program that writes to every customer at night; its cost is divided by use."""

TESTS_DAILY = 12
"""Calls of the test suite in staging, which are nobody's cost."""

INPUT_TOKENS = (2, 181, 207, 372, 387, 396, 403, 414, 703, 984, 1020, 1045, 1071, 1097, 1130, 1189,
                1315, 1877, 2735, 4083)  # fmt: skip
OUTPUT_TOKENS = (7, 41, 54, 67, 77, 85, 91, 96, 103, 113, 129, 151, 177, 217, 384, 395, 400, 411,
                 424, 451)  # fmt: skip
"""Every twentieth of an hour of real conversations, from shortest to longest.

Measured on AzureLLMInferenceTrace_conv (CC-BY 4.0, github.com/Azure/AzurePublicDataset): 19,366
requests of 16 November 2023. A feature's calls have these lengths, times what its calls cost.
"""

OFFICE_HOURS = (8, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 14, 15, 15, 15, 16, 16, 17, 18, 20)
"""The hours of a working day people call in, the busy ones more often."""
