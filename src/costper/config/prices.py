"""Reads files of own prices: contracts, discounts, own models by GPU-hour, corrections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, WithJsonSchema, model_validator

from costper.config.files import read_text
from costper.config.lines import Branch, Items, Node, parse
from costper.config.section import Section, Word, Words
from costper.config.validation import validated
from costper.errors import suggestion
from costper.model.call import Tier
from costper.model.outcome import Issue, Outcome

TOP = "prices"
PER_MTOK = "_per_mtok"
PER_1000 = "_per_1000"
SMALLEST = Decimal("0.0005")
"""USD for a million tokens: what is less, but not 0, was meant for one token or a thousand."""

LONG_MOST = 2


PerMtok = Annotated[
    Decimal,
    Field(ge=0, le=10_000, decimal_places=12),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10_000}),
]
Per1000 = Annotated[
    Decimal,
    Field(ge=0, le=1_000_000, decimal_places=15),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1_000_000}),
]
Percent = Annotated[
    Decimal,
    Field(ge=-900, le=100, decimal_places=6),
    WithJsonSchema({"type": "number", "minimum": -900, "maximum": 100}),
]
Share = Annotated[
    Decimal,
    Field(ge=0, le=1000, decimal_places=6),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1000}),
]
Hourly = Annotated[
    Decimal,
    Field(ge=0, le=100_000, decimal_places=9),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100_000}),
]


class Rated(Section):
    """Prices in USD, for a million tokens or for a thousand searches or requests."""

    input_per_mtok: PerMtok | None = None
    """Input that is not cached, text."""
    output_per_mtok: PerMtok | None = None
    """Output, text; reasoning too, unless it has a price of its own."""
    cache_read_per_mtok: PerMtok | None = None
    """Input read from a cache."""
    cache_write_per_mtok: PerMtok | None = None
    """Input written to a cache, for five minutes."""
    cache_write_1h_per_mtok: PerMtok | None = None
    """Input written to a cache for an hour."""
    reasoning_per_mtok: PerMtok | None = None
    """Reasoning, where it costs otherwise than output."""
    audio_input_per_mtok: PerMtok | None = None
    """Audio in."""
    audio_output_per_mtok: PerMtok | None = None
    """Audio out."""
    audio_cache_read_per_mtok: PerMtok | None = None
    """Audio read from a cache."""
    image_input_per_mtok: PerMtok | None = None
    """Images in, where they cost otherwise than text."""
    image_output_per_mtok: PerMtok | None = None
    """Images drawn."""

    @model_validator(mode="after")
    def _is_for_a_million(self) -> Rated:
        """Refuse a price that can only be for one token."""
        for name, price in self.told().items():
            if name.endswith(PER_MTOK) and 0 < price < SMALLEST:
                times = f"{price * 10**6:f}".rstrip("0").rstrip(".")
                raise ValueError(f"{name} is for a million tokens: {price:f} for one is {times}")
        return self

    def told(self) -> dict[str, Decimal]:
        """Give the prices by their keys, those that are written."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        prices = {name: price for name, price in found.items() if isinstance(price, Decimal)}
        return {
            name: price for name, price in prices.items() if name.endswith((PER_MTOK, PER_1000))
        }


class LongContext(Rated):
    """What a call costs whose context is long: all of it, not only what is above."""

    above: int = Field(ge=1, le=10**9)
    """So many input tokens of one request are not long yet."""


class GpuHours(Section):
    """What a model on machines of one's own costs: their hour, over what it can work off."""

    usd_per_hour: Hourly
    """What one GPU costs an hour."""
    gpus: int = Field(default=1, ge=1, le=100_000)
    """So many GPUs serve it."""
    input_tokens_per_hour: int = Field(ge=1_000, le=10**12)
    """Input that all of them read in an hour in which they do nothing else."""
    output_tokens_per_hour: int = Field(ge=1_000, le=10**12)
    """Output that all of them write in an hour in which they do nothing else."""


class OwnPrice(Rated):
    """One own price: whose models, from when to when, and what they cost."""

    provider: Word
    """The provider, as calls name it: openai, azure, ollama, or a name of your own."""
    models: Words = Field(min_length=1)
    """The model, or several; * stands for anything: gpt-5*."""
    tier: Tier | None = None
    """Only calls served at this tier; without it, prices are for standard, a discount for all."""
    valid_from: date | None = None
    """The first day it holds; always when left out."""
    valid_to: date | None = None
    """The last day it holds; until today and on when left out."""
    note: str = ""
    """Where it comes from: a contract, a page, a ticket."""
    web_search_per_1000: Per1000 | None = None
    """A thousand web searches."""
    request_per_1000: Per1000 | None = None
    """A thousand requests, where each has a fee of its own."""
    long_context: tuple[LongContext, ...] = Field(default=(), max_length=LONG_MOST)
    """What calls with a long context cost instead, by `above` from small to large."""
    tier_percent: dict[Tier, Share] = Field(default_factory=dict[Tier, Decimal])
    """What other tiers cost, in percent of these prices: batch: 50."""
    discount_percent: Percent | None = None
    """So many percent less than it costs by the prices before; more, where negative."""
    gpu_hours: GpuHours | None = None
    """What it costs on GPUs of one's own."""
    free: bool = False
    """Whether it costs nothing at all."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> OwnPrice:
        """Refuse what says no price, two, or one that never holds."""
        ways = {
            "prices": bool(self.told() or self.long_context),
            "discount_percent": self.discount_percent is not None,
            "gpu_hours": self.gpu_hours is not None,
            "free": self.free,
        }
        said = [name for name, told in ways.items() if told]
        if len(said) != 1:
            which = f"not {' and '.join(said)}" if said else "such as input_per_mtok"
            raise ValueError(f"needs one of {', '.join(ways)}; {which}")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(f"ends on {self.valid_to}, before it begins on {self.valid_from}")
        if self.tier_percent and (self.tier or self.discount_percent is not None):
            raise ValueError("tier_percent goes with prices of the standard tier only")
        self._check_contexts()
        return self

    def _check_contexts(self) -> None:
        limits = [step.above for step in self.long_context]
        if limits != sorted(set(limits)):
            raise ValueError("long_context goes from the smallest `above` to the largest")
        base = self.told()
        for step in self.long_context:
            alone = [name for name in step.told() if name not in base]
            if alone:
                raise ValueError(f"{alone[0]} of a long context needs one of any context beside it")


class PriceFile(Section):
    """A file of own prices."""

    prices: tuple[OwnPrice, ...] = ()
    """Own prices, each over those before."""


@dataclass(frozen=True, slots=True)
class ToldPrice:
    """An own price and the line it begins on."""

    price: OwnPrice
    where: str


def read_prices(root: Path, files: tuple[str, ...]) -> Outcome[ToldPrice]:
    """Read files of own prices in order; `files` are relative to `root`.

    A price with a fault is left out and said, with its line and what to write instead.
    """
    read = [_read(root / name, name) for name in files]
    return Outcome(
        tuple(price for one in read for price in one.items),
        tuple(issue for one in read for issue in one.issues),
    )


def _read(path: Path, name: str) -> Outcome[ToldPrice]:
    text, issues = read_text(path, name)
    if text is None:
        return Outcome((), issues)
    node, issues = parse(text, name)
    if not isinstance(node, Branch):
        return Outcome((), issues or (_not_prices(f"{name}:1"),))
    other = tuple(
        Issue("unknown_key", f"unknown key {key!r}", node.lines[key], hint=suggestion(key, (TOP,)))
        for key in node.entries
        if key != TOP
    )
    found = _prices(node.entries.get(TOP) or Items(node.where))
    return Outcome(found.items, (*issues, *other, *found.issues))


def _prices(node: Node) -> Outcome[ToldPrice]:
    if not isinstance(node, Items):
        return Outcome((), (_not_prices(node.where),))
    prices: list[ToldPrice] = []
    issues: list[Issue] = []
    for number, item in enumerate(node.items, start=1):
        value, faults = validated(OwnPrice, item, f"{TOP}[{number}]")
        issues += faults
        if value is not None:
            prices.append(ToldPrice(value, item.where))
    return Outcome(tuple(prices), tuple(issues))


def _not_prices(where: str) -> Issue:
    hint = "prices: [{provider: openai, models: gpt-5, discount_percent: 10}]"
    return Issue("invalid", "a file of prices holds a list under `prices`", where, hint=hint)
