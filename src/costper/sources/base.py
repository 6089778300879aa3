"""What a source is: a name, its settings, and a function that reads.

A source is one small file: a frozen `SOURCE` constant, a settings model and a `read` function.
Its docstring is its manual page. It owns no storage and knows no other source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from costper.model.customer import CustomerFact, Rate
from costper.model.delivery import Part, RawBill
from costper.model.outcome import Outcome
from costper.model.period import Period

Kind = Literal["bill", "measurements", "customers", "rates"]


class SourceSettings(BaseModel):
    """What every source's settings share: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    def names_files(self) -> tuple[tuple[str, ...], bool]:
        """Give the paths it reads, and whether they may lie outside the project."""
        return (), False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadContext:
    """What a source may know of the world it reads in.

    `source` is its name in costper.yaml and `where` the file:line it stands at. Relative paths
    start at `root`, and no local path may leave it. `workdir` is an empty folder for staged
    files, gone after the sync; `kept` is the source's own folder for copies that outlive it,
    None to keep none. `window` is what --from and --to asked for, None for the source's own
    default.
    """

    source: str
    where: str
    root: Path
    workdir: Path
    now: datetime
    currency: str
    window: Period | None = None
    kept: Path | None = None
    progress: Callable[[str], object] = str.strip


@dataclass(frozen=True, slots=True, kw_only=True)
class RawMeasurements:
    """Raw rows of one metric; `projection` maps day, value and dimension names to SQL.

    `written` maps day and value to the SQL of the text the file has there, for telling of rows
    that cannot be read.
    """

    parts: tuple[Part, ...]
    metric: str
    projection: dict[str, str]
    written: Mapping[str, str] = field(default_factory=dict[str, str])


Readable = RawBill | RawMeasurements | CustomerFact | Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place data comes from. `read(settings, context)` gives an Outcome of its kind's items.

    bill → RawBill, measurements → RawMeasurements, customers → CustomerFact, rates → Rate.
    """

    name: str
    kind: Kind
    settings: type[SourceSettings]
    read: Callable[[Any, ReadContext], Outcome[Any]]
