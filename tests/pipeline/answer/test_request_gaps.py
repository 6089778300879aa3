"""Days with cost and no request are found, and asked day by day only where a month has holes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.pipeline.allocate import apply
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked, Frame, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.answer.units import request_gaps
from costper.pipeline.answer.value import value
from costper.pipeline.answer.values import values
from costper.pipeline.sync import sync
from costper.sources import SOURCES
from costper.store.books import Books, open_books
from costper.store.duckdb import DuckEngine
from costper.store.engine import Parameters

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
CONFIG = """
organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: bill.csv}
  usage: {type: csv, path: usage.csv, date: day, values: {requests: n},
          dimensions: {customer: who}}
metrics:
  requests: {source: usage, unit: request}
"""
HEADER = (
    "BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,"
    "BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName"
)
DAYS = [date(2026, 8, 1) + timedelta(offset) for offset in range(92)]
HOLES = {date(2026, 9, 3), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 31)}
"""September has one inside it; the others lie at the ends of months, which have none inside."""


def _bill() -> str:
    rows = [
        f"10,10,USD,a,{day.replace(day=1)},{(day.replace(day=28) + timedelta(4)).replace(day=1)},"
        f"{day},{day + timedelta(1)},Usage,x"
        for day in DAYS
    ]
    return "\n".join([HEADER, *rows]) + "\n"


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Books]:
    root: Path = tmp_path_factory.mktemp("gaps")
    (root / "costper.yaml").write_text(CONFIG)
    (root / "bill.csv").write_text(_bill())
    used = [f"{day},acme,5\n{day},beta,2" for day in DAYS if day not in HOLES]
    (root / "usage.csv").write_text("\n".join(["day,who,n", *used]) + "\n")
    settings = load_settings(
        root / "costper.yaml", catalogue=SOURCES, drivers=tuple(DRIVERS), environment={}
    )
    books = open_books(settings, now=NOW)
    sync(books, now=NOW)
    apply(books, now=NOW)
    yield books
    books.close()


def framed(books: Books, since: date, until: date) -> Frame:
    return frame_of(books, Asked(since=since, until=until), NOW, standing(books))


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 8, 1), date(2026, 9, 1)),
        (date(2026, 8, 20), date(2026, 9, 4)),
        (date(2026, 9, 4), date(2026, 9, 30)),
        (date(2026, 9, 4), date(2026, 10, 8)),
        (date(2026, 10, 1), date(2026, 11, 1)),
        (date(2026, 10, 1), date(2026, 10, 2)),
        (date(2026, 10, 2), date(2026, 10, 31)),
        (date(2026, 8, 1), date(2026, 11, 1)),
    ],
)
def test_the_days_told_are_those_without_a_value(books: Books, since: date, until: date) -> None:
    told = request_gaps(framed(books, since, until))
    lost = [day for day in sorted(HOLES) if since <= day < until]
    asked = (until - since).days
    if len(lost) in {0, asked}:  # nothing is lost, or nothing is known to divide by
        assert told == ()
    else:
        (issue,) = told
        assert issue.count == len(lost)
        assert f"{len(lost)} of {asked} days" in issue.message
        assert f"from {lost[0]} on" in issue.message


def test_services_and_one_service_say_it_as_customers_do(books: Books) -> None:
    frame = framed(books, date(2026, 8, 20), date(2026, 9, 4))
    (told,) = request_gaps(frame)
    for answer in (values(frame, "service"), value(frame, "service", "x"), customers(frame)):
        assert told in answer.issues
    assert told not in values(frame, "team").issues


@pytest.mark.parametrize("rule", ["none", "zero", "previous"])
def test_what_a_gap_rule_makes_of_a_day_without_requests_is_said(books: Books, rule: str) -> None:
    frame = framed(books, date(2026, 8, 20), date(2026, 9, 4))
    plain = books.settings
    metrics = tuple(metric.model_copy(update={"gaps": rule}) for metric in plain.metrics)
    filled = replace(frame, books=replace(books, settings=replace(plain, metrics=metrics)))
    hints = [one.hint for one in request_gaps(filled)]
    both = "`costper ask` divides over the days that have both"
    assert (
        hints
        == {
            "none": [both],
            "zero": [],
            "previous": [f"{both}, those its gap rule previous fills too"],
        }[rule]
    )


@pytest.mark.parametrize(
    ("since", "read"),
    [(date(2026, 8, 1), False), (date(2026, 9, 1), True), (date(2026, 10, 1), False)],
)
def test_the_days_are_read_only_where_a_month_has_holes_inside(
    books: Books, monkeypatch: pytest.MonkeyPatch, since: date, *, read: bool
) -> None:
    frame = framed(books, since, (since.replace(day=28) + timedelta(4)).replace(day=1))
    asked: list[str] = []
    real = DuckEngine.query

    def query(self: DuckEngine, sql: str, params: Parameters | None = None) -> pa.Table:
        asked.append(sql)
        return real(self, sql, params)

    monkeypatch.setattr(DuckEngine, "query", query)
    request_gaps(frame)
    assert any("measurement_daily" in sql for sql in asked) is read
