"""What costper.yaml says, once it is read: typed, checked and frozen.

`StoreSettings`, `WorkingHours` and `MetricSetting` are sections as people write them; the rest
is put together from the file by costper.config.load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, Protocol, cast

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from costper.config.llm import LlmSettings
from costper.config.section import Section, Words, listed
from costper.model.allocation import Rule
from costper.model.dimension import Dimension

Kind = Literal["bill", "measurements", "customers", "rates"]
CostOfRecord = Literal["effective_cost", "billed_cost"]
Aggregation = Literal["sum", "average", "last", "max", "min", "distinct"]
GapRule = Literal["none", "zero", "previous", "linear"]
MetricKind = Literal["count", "active_users", "balance", "peak", "ratio"]
MetricGrain = Literal["day", "week", "month"]
USUAL: Mapping[MetricKind, Aggregation] = {
    "count": "sum",
    "active_users": "average",
    "balance": "last",
    "peak": "max",
    "ratio": "average",
}
"""How each kind of metric adds up over days, unless its settings say otherwise."""

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class StoreSettings(Section):
    """Where the books are kept and what they may use of the machine."""

    path: str = ".costper"
    """Folder of the books, relative to the folder of costper.yaml."""
    engine: Literal["duckdb"] = "duckdb"
    """Which engine does the heavy work."""
    memory_limit_gib: int = Field(default=4, ge=1, le=4096)
    """Memory the engine may use, in GiB; more is spilled to disk."""
    threads: int | None = Field(default=None, ge=1, le=1024)
    """Threads the engine may use; all cores when left out."""


class WorkingHours(Section):
    """When people work; what runs outside of it in non-production is waste."""

    days: Annotated[
        tuple[Weekday, ...],
        BeforeValidator(listed, json_schema_input_type=Weekday | tuple[Weekday, ...]),
    ] = WEEKDAYS[:5]
    """Working days: mon tue wed thu fri sat sun."""
    start: int = Field(default=8, ge=0, le=23)
    """First working hour of a day, 0 to 23."""
    end: int = Field(default=19, ge=1, le=24)
    """The hour work ends, 1 to 24, not itself a working hour."""
    timezone: str = ""
    """Zone the hours are in; the top-level `timezone` when left out."""

    def holds(self, weekday: int, hour: int) -> bool:
        """Say whether an hour (0-23) of a weekday (Monday is 0) is working time."""
        return WEEKDAYS[weekday] in self.days and self.start <= hour < self.end


Share = Annotated[
    Decimal,
    Field(gt=0, le=100, decimal_places=6),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 100}),
]
"""A percentage above zero."""


class MarginSettings(Section):
    """Which share of the revenue a cost may be, and what that cost is."""

    cost: str = ""
    """The cost compared with revenue, as a condition: service = inference; all when left out."""
    watch_percent: Share = Decimal(8)
    """Below so many percent of the revenue a cost is on target; from there on it is watched."""
    problem_percent: Share = Decimal(10)
    """Above so many percent it is a problem."""
    apart: Words = ("internal", "test", "service", "service_account", "anonymous")
    """Statuses of customers that are set apart where it is told how few cost how much."""

    @model_validator(mode="after")
    def _in_order(self) -> MarginSettings:
        """Refuse a problem that would begin before the watch."""
        if self.problem_percent < self.watch_percent:
            raise ValueError("watch_percent must not be above problem_percent")
        return self


class MetricSetting(Section):
    """A business number, and how its days add up to a longer span."""

    name: str = Field(default="", exclude=True, json_schema_extra={"from_key": True})
    """Its name: the key it stands under."""
    source: str = ""
    """The measurements source it is read from; the metric's own name when left out."""
    unit: str = ""
    """What one of it is called, in the singular: request, user, order."""
    kind: MetricKind = "count"
    """What it measures: count (orders), active_users, balance (seats), peak or ratio."""
    aggregation: Aggregation = "sum"
    """How days become weeks: sum, average (over days with data), last, max, min, distinct. By its
    kind when left out: count sum, active_users average, balance last, peak max, ratio average."""
    grain: MetricGrain = "day"
    """What one value is of: a day, or a week or month that is a value of its own, such as MAU."""
    gaps: GapRule = "none"
    """What a day without data counts as: none, zero, previous, linear."""
    gap_days_max: int = Field(default=7, ge=1, le=366)
    """How many days in a row the gap rules previous and linear fill at most."""
    settle_days: int | None = Field(default=None, ge=0, le=62)
    """Days until a day's value is final; the top-level settle_days when left out."""
    owner: str = ""
    """Who answers for it: a team or a person."""
    description: str = ""
    """What exactly is counted, for whoever reads the number."""
    group_by: Words = ()
    """Dimensions it can be asked by, besides the ones its source declares."""
    measured: str = Field(default="", exclude=True, json_schema_extra={"from_key": True})
    """What its source calls the number: a source may measure several."""

    @model_validator(mode="before")
    @classmethod
    def _by_its_kind(cls, said: object) -> object:
        """Fill in how it adds up; a kind that is none is told of as itself."""
        if not isinstance(said, Mapping):
            return said
        given = cast("Mapping[str, object]", said)
        if "aggregation" in given:
            return given
        kind = str(given.get("kind", "count"))
        usual = next((found for name, found in USUAL.items() if name == kind), "sum")
        return {**given, "aggregation": usual}


class SourceType(Protocol):
    """What the settings know of a kind of source: its type name, what it gives, its settings.

    Two kinds may share a type name: `csv` measures, and `csv` lists customers.
    """

    @property
    def name(self) -> str:
        """The word people write after `type:`."""
        ...

    @property
    def kind(self) -> Kind:
        """What it gives."""
        ...

    @property
    def settings(self) -> type[BaseModel]:
        """The model of its settings; unknown keys must be errors there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One source as declared: its name, type, kind and the source's own settings model."""

    name: str
    type: str
    kind: Kind
    settings: BaseModel
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredView:
    """A view as written: `said` is its question word for word, `lines` where each key stands.

    The line of a key is found by its dotted path, such as letters.a; '' is the view's own.
    """

    name: str
    said: Mapping[str, object]
    lines: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All of costper.yaml. `path` is the file, `root` the folder relative paths start at.

    `dimensions` always holds the four built-in ones, first. `sources` are the bills and the
    measurements, in the order of the file. `metrics` holds the declared ones, and one summed
    metric for each number of a measurements source that none of them reads.
    """

    path: Path
    root: Path
    organisation: str
    currency: str
    timezone: str
    cost_of_record: CostOfRecord
    dimensions: tuple[Dimension, ...]
    sources: tuple[Declared, ...] = ()
    customers: Declared | None = None
    rates: Declared | None = None
    metrics: tuple[MetricSetting, ...] = ()
    allocation: tuple[Rule, ...] = ()
    store: StoreSettings = field(default_factory=StoreSettings)
    working_hours: WorkingHours = field(default_factory=WorkingHours)
    settle_days: int = 2
    margins: MarginSettings = field(default_factory=MarginSettings)
    views: tuple[DeclaredView, ...] = ()
    llm: LlmSettings = field(default_factory=LlmSettings)

    @property
    def store_path(self) -> Path:
        """The folder of the books."""
        return self.root / self.store.path

    @property
    def dimension_names(self) -> tuple[str, ...]:
        """Every dimension's name, in order."""
        return tuple(dimension.name for dimension in self.dimensions)

    def declared(self) -> tuple[Declared, ...]:
        """Everything to sync: sources, then customers and rates where declared."""
        facts = (one for one in (self.customers, self.rates) if one is not None)
        return (*self.sources, *facts)
