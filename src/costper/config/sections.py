"""The sections of costper.yaml as people write them, one model each.

They check one section by itself and are what the editors' JSON schema is made from. What needs
to know other sections is checked where the section is turned into settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, WithJsonSchema

from costper.config.llm import LlmSettings
from costper.config.section import Section, Word, Words
from costper.config.settings import (
    CostOfRecord,
    MarginSettings,
    MetricSetting,
    StoreSettings,
    WorkingHours,
)
from costper.config.views import ViewSection

PRESENCE = {"present": True, "absent": False}
CONDITION_SHAPES = "needs present, absent, a value, [values] or {not: [values]}"


class Negated(Section):
    """`{not: value}` or `{not: [values]}`: any value but these."""

    values: Words = Field(alias="not", min_length=1)
    """The values that do not match; `*` and `?` are wildcards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a dimension must be: present, absent, a value, one of a list, or none of a list."""

    values: tuple[str, ...] = ()
    present: bool | None = None
    negated: bool = False


def condition(value: object) -> object:
    """Read a condition as written: a word, a list of words, or `{not: …}`."""
    if isinstance(value, dict):
        inner = cast("dict[object, object]", value)
        if set(inner) != {"not"}:
            raise ValueError(CONDITION_SHAPES)
        return Condition(values=_patterns(inner["not"]), negated=True)
    if isinstance(value, str) and value in PRESENCE:
        return Condition(present=PRESENCE[value])
    return Condition(values=_patterns(value))


def _patterns(value: object) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    words = cast("list[object]", words) if isinstance(words, list) else []
    texts = tuple(word for word in words if isinstance(word, str))
    if not texts or len(texts) < len(words):
        raise ValueError(CONDITION_SHAPES)
    if not all(texts):
        raise ValueError("an empty value matches nothing; say absent")
    return texts


Patterns = Annotated[tuple[Word, ...], Field(min_length=1)]
Conditions = dict[
    str,
    Annotated[
        Condition,
        BeforeValidator(condition, json_schema_input_type=Word | Patterns | Negated),
    ],
]


Percent = Annotated[
    Decimal,
    Field(ge=0, le=100, decimal_places=12),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100}),
]


class WhenSection(Section):
    """One explicit line of a dimension."""

    where: dict[str, Words] = Field(min_length=1)
    """Fields and the values they must have, all of them; `*` and `?` are wildcards."""
    value: Word
    """The value of the dimension for charges that match."""


class DimensionSection(Section):
    """How one dimension is read from charges."""

    fields: Words = Field(default=(), alias="from")
    """Fields looked at in order, the first with a value counts: tags.KEY, account, service_name."""
    rules: tuple[WhenSection, ...] = ()
    """Explicit lines, tried before `from`."""
    aliases: dict[str, Word] = Field(default_factory=dict[str, str])
    """Other spellings: what is found → what it means."""


class RuleSection(Section):
    """One line of the allocation; rules are tried in order and the first match takes the charge."""

    name: Word = Field(alias="rule", max_length=120)
    """The rule's name, shown in every explanation."""
    match: Conditions = Field(default_factory=dict[str, Condition])
    """Which charges it takes: a condition per dimension; everything when left out."""
    driver: Word
    """How a charge is divided."""
    to: str = "customer"
    """The dimension a charge is carried to."""
    stage: int = Field(default=1, ge=1, le=99)
    """Later stages start from what earlier ones carried; 1 starts from the bill."""
    quantity: str = ""
    """For by_quantity: the metric (or measurements source) that weighs."""
    on: Words | None = None
    """For by_quantity: dimensions the metric shares with the cost; all common ones if left out."""
    shares: dict[str, Percent] = Field(default_factory=dict[str, Decimal])
    """For fixed: target → percent, adding up to exactly 100."""
    targets: Words = ()
    """Only these take part."""
    base: Conditions = Field(default_factory=dict[str, Condition])
    """For by_cost: only cost that matches weighs."""
    fallback: str = "unallocated"
    """What to do when nothing weighs: another driver, or unallocated."""


class FileSection(Section):
    """costper.yaml: what is read, how it is carried to customers, where it is kept."""

    organisation: str = Field(default="", max_length=200)
    """Whose books these are."""
    currency: str = Field(pattern="^[A-Z]{3}$")
    """The currency answers are given in, as ISO 4217: USD, EUR."""
    timezone: str = "UTC"
    """The zone working hours and reports are in, such as Europe/Berlin."""
    cost_of_record: CostOfRecord = "effective_cost"
    """Which cost is carried: effective_cost (amortised) or billed_cost (invoiced)."""
    settle_days: int = Field(default=2, ge=0, le=62)
    """Days until a day's cost is final enough to compare."""
    dimensions: dict[str, DimensionSection] = Field(default_factory=dict[str, DimensionSection])
    """The words cost is asked by; customer, team, service and environment always exist."""
    sources: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Where bills and measurements come from, each under a name of its own."""
    customers: Any = None
    """Where customers, their plan, seats and revenue come from."""
    rates: Any = None
    """Where dated exchange rates come from."""
    metrics: dict[str, MetricSetting] = Field(default_factory=dict[str, MetricSetting])
    """Business numbers, and how their days add up."""
    allocation: tuple[RuleSection, ...] = ()
    """The rules, in order."""
    store: StoreSettings = StoreSettings()
    """Where the books are kept."""
    working_hours: WorkingHours = WorkingHours()
    """When people work; non-production cost outside of it is waste."""
    margins: MarginSettings = MarginSettings()
    """Which share of the revenue a cost may be."""
    views: dict[str, ViewSection] = Field(default_factory=dict[str, ViewSection])
    """Saved questions, each under a name of its own."""
    llm: LlmSettings = LlmSettings()
    """LLM calls: who caused them, what they are priced by, what is read of them."""
    include: str = ""
    """A folder whose *.yaml files are read too, section by section."""
