"""Books filled by hand for questions in letters: legs, payers and metrics by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.ledger import DIMENSIONS, NOW, Ledger

from costper.config.settings import Declared, MetricSetting
from costper.pipeline.query.ask import ask
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.written import question_from_json
from costper.sources.base import SourceSettings

OCTOBER = {"from": "2026-10-01", "to": "2026-11-01"}
FIRST = date(2026, 10, 1)
DAU = "daily_active_users"


class Zoned(SourceSettings):
    """A measurements source whose days are those of a zone."""

    timezone: str = "UTC"


METRICS = (
    MetricSetting(name=DAU, unit="user", kind="active_users", aggregation="average"),
    MetricSetting(name="mau", unit="user", kind="active_users", aggregation="last", grain="month"),
    MetricSetting(name="orders", unit="order"),
    MetricSetting(name="seats", unit="seat", kind="balance", aggregation="last"),
    MetricSetting(name="peak", unit="call", kind="peak", aggregation="max"),
    MetricSetting(name="low", unit="call", kind="peak", aggregation="min"),
    MetricSetting(name="visitors", unit="visitor", aggregation="distinct"),
    MetricSetting(name="held", unit="thing", gaps="previous", aggregation="average"),
    MetricSetting(name="zeros", unit="thing", gaps="zero", aggregation="average"),
    MetricSetting(name="line", unit="thing", gaps="linear", aggregation="average", gap_days_max=3),
    MetricSetting(name="uptime", unit="share", kind="ratio", aggregation="average"),
    MetricSetting(name="berlin", unit="order", source="berlin"),
)


class Lettered(Ledger):
    """A ledger that also knows metrics."""

    def metric(
        self, name: str, day: date, value: str | int | Decimal, /, *, rows: int = 1, **said: str
    ) -> Lettered:
        """Add one day's value of a metric, put together from `rows`, by the dimensions it says."""
        row: dict[str, Any] = {
            "month": day.replace(day=1),
            "day": day,
            "source": "numbers",
            "metric": name,
            **{f"dim_{dimension}": said.get(dimension, "") for dimension in DIMENSIONS},
            "value": Decimal(value),
            "rows": rows,
        }
        self._add("metric_daily", row)
        return self

    def metric_days(
        self,
        name: str,
        first: date,
        days: int,
        value: str | int,
        /,
        *,
        rows: int = 1,
        **said: str,
    ) -> Lettered:
        """Add the same value on consecutive days."""
        for offset in range(days):
            self.metric(name, first + timedelta(days=offset), value, rows=rows, **said)
        return self

    def ask(self, /, **question: object) -> Asked:
        """Ask a question written as JSON."""
        return self.ask_at(NOW, question)

    def ask_at(self, now: datetime, question: Mapping[str, object]) -> Asked:
        """Ask at some time."""
        self.keep()
        return ask(self, question_from_json(question), now=now)


def lettered(root: Path, **changes: Any) -> Lettered:  # noqa: ANN401 - any setting at all
    """Make empty books with metrics."""
    berlin = Declared(
        name="berlin",
        type="csv",
        kind="measurements",
        settings=Zoned(timezone="Europe/Berlin"),
        where="costper.yaml:9",
    )
    made = Lettered.at(root, **{"metrics": METRICS, "sources": (berlin,), **changes})
    assert isinstance(made, Lettered)
    return made
