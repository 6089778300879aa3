"""What is known of each business metric: what it counts, since when, and through which day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from costper.config.settings import MetricSetting, Settings
from costper.economics.calendar import bucket_of
from costper.pipeline.answer.frame import Readable
from costper.store.metric_mart import MetricFacts, metric_facts_of

Combine = Literal["sum", "max", "min", ""]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricInfo:
    """One metric: its settings, and what the books hold of it.

    `dimensions` are those its values are by. `first_day` and `last_day` are the ends of its data:
    a week or month counts with all of its days. `settled_through` is the last day whose value is
    final. `fingerprint` names what its rows were made from. `days` counts the days (weeks, months)
    with data, `crowded` the values put together from several rows, `restated` the past values
    that have changed. `kept` is false where the books have not taken the metric in yet.
    """

    setting: MetricSetting
    timezone: str
    settle_days: int
    kept: bool
    fingerprint: str = ""
    dimensions: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    settled_through: date | None = None
    days: int = 0
    crowded: int = 0
    restated: int = 0

    @property
    def name(self) -> str:
        """Its name."""
        return self.setting.name

    @property
    def combine(self) -> Combine:
        """How values of one day are put together across groups; '' where they cannot be."""
        return combine_of(self.setting)


def metric_info(books: Readable, now: datetime) -> tuple[MetricInfo, ...]:
    """Give every metric of the settings, in their order: one small statement."""
    facts = metric_facts_of(books.marts)
    return tuple(
        _info(books.settings, one, facts.get(one.name), now) for one in books.settings.metrics
    )


def zone_of(settings: Settings, metric: MetricSetting) -> str:
    """Give the zone whose days a metric counts: its source's own, else UTC."""
    source = metric.source or metric.name
    own = next((one.settings for one in settings.sources if one.name == source), None)
    return str(getattr(own, "timezone", "") or "UTC")


def combine_of(metric: MetricSetting) -> Combine:
    """Say how values of one day are put together across groups.

    >>> combine_of(MetricSetting(kind="peak")), combine_of(MetricSetting(kind="ratio"))
    ('max', '')
    """
    if metric.aggregation == "distinct" or metric.kind == "ratio":
        return ""
    if metric.aggregation == "max":
        return "max"
    return "min" if metric.aggregation == "min" else "sum"


def _info(
    settings: Settings, metric: MetricSetting, facts: MetricFacts | None, now: datetime
) -> MetricInfo:
    zone = zone_of(settings, metric)
    days = settings.settle_days if metric.settle_days is None else metric.settle_days
    if facts is None:
        return MetricInfo(setting=metric, timezone=zone, settle_days=days, kept=False)
    if facts.first_day is None or facts.last_day is None:
        return MetricInfo(
            setting=metric,
            timezone=zone,
            settle_days=days,
            kept=True,
            fingerprint=facts.fingerprint,
        )
    last = bucket_of(facts.last_day, metric.grain).end - ONE_DAY
    today = now.astimezone(ZoneInfo(zone)).date()
    final = _settled(metric, last, today - timedelta(days=days))
    return MetricInfo(
        setting=metric,
        timezone=zone,
        settle_days=days,
        kept=True,
        fingerprint=facts.fingerprint,
        dimensions=facts.said,
        first_day=facts.first_day,
        last_day=last,
        settled_through=final if final >= facts.first_day else None,
        days=facts.days,
        crowded=facts.crowded,
        restated=facts.restated,
    )


def _settled(metric: MetricSetting, last: date, final: date) -> date:
    """Give the last final day; of weeks and months the last day of one that is wholly final."""
    if last <= final:
        return last
    bucket = bucket_of(final, metric.grain)
    return final if bucket.end == final + ONE_DAY else bucket.start - ONE_DAY
