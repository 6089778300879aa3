"""A metric says how far it goes; zero, missing and not yet settled are three things."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest
from tests.ledger import inner
from tests.pipeline.measured_world import CONFIG, NOW, USERS, Measured, measured

from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent, Answer, Row
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.metric import metric
from costper.pipeline.answer.metric_info import metric_info
from costper.pipeline.answer.metrics import metrics
from costper.pipeline.answer.standing import standing

NO_DATA, NOT_SETTLED = Absent("no_data"), Absent("not_settled")
DAU = "daily_active_users"


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Measured]:
    with measured(tmp_path) as found:
        found.sync()
        yield found


def asked(company: Measured, name: str = "", now: datetime = NOW, **days: object) -> Answer:
    books = company.books
    frame = frame_of(books, Asked(**days), now, standing(books))  # type: ignore[arg-type]
    return metric(books, frame, name) if name else metrics(books, frame)


def row_of(answer: Answer, name: str) -> Row:
    (row,) = [row for row in answer.rows if row["metric"] == name]
    return row


def values(answer: Answer) -> Mapping[object, tuple[object, object]]:
    recent = inner(answer.rows[0], "recent")
    return {one["date"]: (one["quantity"], one["state"]) for one in recent}


def test_the_list_says_how_far_each_metric_goes(company: Measured) -> None:
    row = row_of(asked(company), DAU)
    assert (row["kind"], row["aggregation"], row["timezone"]) == ("active_users", "average", "UTC")
    assert (row["first_day"], row["last_day"]) == (date(2026, 11, 1), date(2026, 11, 4))
    assert row["settled_through"] == date(2026, 11, 4)
    assert (row["missing_days"], row["first_holes"]) == (1, (date(2026, 11, 3),))
    assert row["dimensions"] == (
        {"dimension": "plan", "values": 3},
        {"dimension": "region", "values": 2},
    )


def test_a_month_is_settled_once_its_last_day_is(company: Measured) -> None:
    def through(now: datetime) -> date | None:
        found = {one.name: one for one in metric_info(company.books, now)}
        return found["monthly_active_users"].settled_through

    assert through(NOW) == date(2026, 10, 31)
    assert through(datetime(2026, 11, 5, 22, 59, tzinfo=UTC)) == date(2026, 10, 31)
    assert through(datetime(2026, 11, 4, 22, 59, tzinfo=UTC)) == date(2026, 9, 30)
    assert through(datetime(2026, 10, 5, tzinfo=UTC)) == date(2026, 9, 30)
    assert through(datetime(2026, 10, 4, tzinfo=UTC)) is None


def test_today_is_that_of_the_metrics_zone(company: Measured) -> None:
    """In Berlin the fifth of November begins an hour before it does in UTC."""
    found = {
        hour: {
            one.name: one
            for one in metric_info(company.books, datetime(2026, 11, 4, hour, tzinfo=UTC))
        }
        for hour in (22, 23)
    }
    month = "monthly_active_users"
    assert found[22][month].settled_through == date(2026, 9, 30)
    assert found[23][month].settled_through == date(2026, 10, 31)
    assert found[23][month].timezone == "Europe/Berlin"


def test_zero_missing_and_not_yet_are_three_things(company: Measured) -> None:
    now = datetime(2026, 11, 5, 12, tzinfo=UTC)
    answer = asked(company, DAU, now, since=date(2026, 11, 1), until=date(2026, 11, 7))
    assert values(answer) == {
        date(2026, 11, 1): (Decimal(17), "final"),
        date(2026, 11, 2): (Decimal(0), "final"),
        date(2026, 11, 3): (NO_DATA, "missing"),
        date(2026, 11, 4): (Decimal(7), "may change"),
        date(2026, 11, 5): (NOT_SETTLED, "not settled"),
        date(2026, 11, 6): (NOT_SETTLED, "not settled"),
    }
    assert answer.settled_through == date(2026, 11, 3)
    assert answer.estimated


def test_a_changed_value_shows_what_it_was_and_when_it_changed(company: Measured) -> None:
    company.write("users", ["2026-11-01,11,free,eu", *USERS[1:-1], "2026-11-04,7,free,us"])
    company.sync()
    answer = asked(company, DAU)
    told = inner(answer.rows[0], "restated")
    assert [
        (one["date"], one["words"], one["old_quantity"], one["new_quantity"]) for one in told
    ] == [
        (date(2026, 11, 4), "region=us", Decimal(7), NO_DATA),
        (date(2026, 11, 4), "plan=free, region=us", NO_DATA, Decimal(7)),
        (date(2026, 11, 1), "plan=free, region=eu", Decimal(10), Decimal(11)),
    ]
    assert {one["changed_at"] for one in told} == {NOW.isoformat()}
    assert answer.rows[0]["restatements"] == 3


def test_a_distinct_count_of_several_groups_is_no_number(tmp_path: Path) -> None:
    config = CONFIG.replace("kind: active_users}", "kind: active_users, aggregation: distinct}")
    with measured(tmp_path, config) as company:
        company.sync()
        answer = asked(company, DAU)
        assert values(answer)[date(2026, 11, 1)] == (Absent("not_additive"), "final")
        assert values(answer)[date(2026, 11, 2)] == (Decimal(0), "final")
        (issue,) = answer.issues
        assert (issue.code, issue.count) == ("not_additive", 1)


def test_a_metric_the_books_do_not_hold_says_so(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        found = asked(company)
        assert {issue.code for issue in found.issues} == {"metric_not_read"}
        assert {row["first_day"] for row in found.rows} == {None}
        assert asked(company, DAU).rows[0]["settled_through"] is None
        company.sync()
        assert asked(company).issues == ()
    with measured(tmp_path, CONFIG.replace("{Pro: Team}", "{}")) as company:
        assert {issue.code for issue in asked(company).issues} == {"metric_stale"}


def test_an_unknown_metric_names_the_nearest(company: Measured) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'daily_active_users'"):
        asked(company, "daily_active_user")


def test_days_that_end_before_they_begin_are_refused(company: Measured) -> None:
    with pytest.raises(UserError):
        asked(company, DAU, since=date(2026, 11, 4), until=date(2026, 11, 4))


BILL = """BilledCost,EffectiveCost,BillingCurrency,BillingAccountId,BillingPeriodStart,\
BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ServiceName,Tags
{rows}"""
LINE = (
    '1,1,USD,a,2026-11-01,2026-12-01,2026-11-0{day},2026-11-0{next},Usage,api,"{{""region"": '
    '""{region}"", ""customer"": ""acme""}}"\n'
)


def test_a_renamed_group_shows_with_what_it_is_like(tmp_path: Path) -> None:
    config = CONFIG.replace("sources:", "sources:\n  bill: {type: focus_file, path: bill.csv}", 1)
    with measured(tmp_path, config) as company:
        regions = {1: "eu", 2: "eu", 3: "us-east", 4: "us-east"}
        rows = "".join(
            LINE.format(day=day, next=day + 1, region=region) for day, region in regions.items()
        )
        (tmp_path / "bill.csv").write_text(BILL.format(rows=rows))
        company.write("users", ["2026-11-01,1,free,eu", "2026-11-03,1,free,us-east1"])
        company.sync()
        company.apply()
        row = asked(company, DAU).rows[0]
        region = inner(row, "dimensions")[1]
        assert cast("dict[str, object]", region) == {
            "dimension": "region",
            "values_count": 2,
            "matched_count": 1,
            "metric_only_count": 1,
            "cost_only_count": 1,
        }
        told = [one for one in inner(row, "unmatched") if one["dimension"] == "region"]
        assert [(one["label"], one["only_in"], one["alike"]) for one in told] == [
            ("us-east1", "metric", "us-east"),
            ("us-east", "cost", "us-east1"),
        ]
        assert told[0]["first_day"] == date(2026, 11, 3)


def test_a_metric_without_any_row_is_told(tmp_path: Path) -> None:
    with measured(tmp_path) as company:
        company.sync()
        declared = company.books.settings.metrics
        more = declared[0].model_copy(update={"name": "ghosts", "measured": "ghosts"})
        haunted = replace(company.books.settings, metrics=(*declared, more))
        more_of_it = replace(company, books=replace(company.books, settings=haunted))
        more_of_it.refresh()
        (issue,) = asked(more_of_it).issues
        assert (issue.code, issue.where) == ("metric_without_data", "metrics.ghosts")
