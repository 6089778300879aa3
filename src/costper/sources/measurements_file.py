"""Read what was measured - requests, orders, seats in use - from CSV or Parquet files.

In costper.yaml, as type `csv` or `parquet`:

    sources:
      requests: {type: csv, path: usage.csv, date: day, value: requests,
                 dimensions: {customer: customer_id, service: service}}
      traffic:  {type: parquet, path: usage/*.parquet, date: ts, timezone: Europe/Berlin,
                 values: {requests: n_requests, megabytes: mb}}

**What it takes.** `.csv`, `.csv.gz`, `.tsv`, `.parquet`; one file, a pattern or a list. All files
add up to one delivery, which replaces the days it covers. The same bytes twice count once.

**Settings.** `date` names the column with the day or time (2026-08-01, ISO with or without zone,
8/1/26, 2026-08-01 00:00:00 +0000 UTC), `value` the column with the number. `dimensions` says
which column holds which dimension. `metric` names what is measured; the source's own name when
left out. For several numbers in a row give `values` instead of `value`: metric name to column.
`timezone` is the zone whose days count: times with a zone are moved to it, times without one are
in it already. It is UTC when left out. `outside: true` allows files outside the project.

**Errors.** A row with the wrong number of cells is an issue with file:row and the rest go on; so
is one whose day or number cannot be read, when it lands. An empty number is no measurement,
which is not zero. A column that is not there, or a file that is cut off, changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import available_timezones

from pydantic import field_validator, model_validator

from costper.model.outcome import Outcome
from costper.model.plural import plural
from costper.sources.base import RawMeasurements, ReadContext, Source
from costper.sources.gather import FileSettings, gather
from costper.sources.grouping import without_copies
from costper.sources.projection import Raw, day_in, quantity, text, trimmed
from costper.sources.tabular import Sheet, columns_of, missing_columns, open_sheets


class MeasurementSettings(FileSettings):
    """What `type: csv` and `type: parquet` take among the sources."""

    date: str = "date"
    """Column with the day or time of the measurement."""
    value: str = "value"
    """Column with the number, where there is one."""
    values: Mapping[str, str] = {}
    """Several numbers a row: metric name to column."""
    dimensions: Mapping[str, str] = {}
    """Which column holds which dimension."""
    metric: str = ""
    """What is measured; the source's own name when left out."""
    timezone: str = "UTC"
    """Zone whose days count."""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"{name!r} is no time zone; say UTC or Europe/Berlin")
        return name

    @model_validator(mode="after")
    def _one_way_to_name_values(self) -> MeasurementSettings:
        if self.values and (self.metric or "value" in self.model_fields_set):
            raise ValueError("`values` names every metric; leave `value` and `metric` out")
        taken = {"day", "value"} & self.dimensions.keys()
        if taken:
            raise ValueError(f"a dimension cannot be called {taken.pop()!r}")
        return self


def read(settings: MeasurementSettings, context: ReadContext) -> Outcome[RawMeasurements]:
    """Read the files into one RawMeasurements for each metric."""
    files = [found for batch in gather(settings, context) for found in batch.files]
    context.progress(f"{context.source}: reading {plural(len(files), 'file')}")
    opened = open_sheets(files, context.workdir, progress=context.progress)
    issues = list(opened.issues)
    wanted = _columns(settings, context)
    needed = (settings.date, *wanted.values(), *settings.dimensions.values())
    issues += [issue for sheet in opened.items for issue in missing_columns(sheet, needed)]
    if len(opened.items) < len(files) or any(i.code == "missing_column" for i in issues):
        return Outcome((), tuple(issues))
    sheets, copies = without_copies(opened.items)
    found = tuple(
        _measurements(metric, column, sheets, settings) for metric, column in wanted.items()
    )
    return Outcome(found, (*issues, *copies))


def _columns(settings: MeasurementSettings, context: ReadContext) -> Mapping[str, str]:
    return settings.values or {settings.metric or context.source: settings.value}


def _measurements(
    metric: str, column: str, sheets: tuple[Sheet, ...], settings: MeasurementSettings
) -> RawMeasurements:
    raw = Raw(columns_of(sheets))
    dimensions = {name: trimmed(raw.find(held)) for name, held in settings.dimensions.items()}
    return RawMeasurements(
        parts=tuple(sheet.part for sheet in sheets),
        metric=metric,
        projection={
            "day": day_in(raw.find(settings.date), settings.timezone),
            "value": quantity(raw.find(column)),
            **dimensions,
        },
        written={"day": text(raw.find(settings.date)), "value": text(raw.find(column))},
    )


CSV = Source(name="csv", kind="measurements", settings=MeasurementSettings, read=read)
PARQUET = Source(name="parquet", kind="measurements", settings=MeasurementSettings, read=read)
