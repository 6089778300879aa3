"""What could be saved, found on bills that are landed, allocated and asked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.allocation.world import money
from tests.ledger import amount, inner
from tests.pipeline.bill import BillLine, land
from tests.pipeline.shop import NOW, Shop, shop

from costper.model.answer import Answer, Row
from costper.pipeline.answer.frame import Asked, Standing, frame_of
from costper.pipeline.savings.answer import savings

FIRST = date(2026, 8, 3)
SPARE = {"commitment_discount_status": "Unused", "commitment_discount_id": "sp-1"}
USED = {"service": "app", "env": "production"}


def lines(
    meter: str,
    cost: str,
    days: Sequence[int],
    resource: str = "r-1",
    tags: Mapping[str, str] = USED,
    more: Mapping[str, object] | None = None,
) -> Iterator[BillLine]:
    """Give a line a day for a meter and a resource."""
    for day in days:
        yield BillLine(
            costs=money(cost),
            tags=tags,
            service_name="Cloud ELB",
            start=datetime(2026, 8, 3, tzinfo=UTC) + timedelta(days=day),
            hours=24,
            more={
                "sku_meter": meter,
                "resource_id": resource,
                "charge_description": "",
                "consumed_quantity": Decimal(24),
                "consumed_unit": "hours",
                **(more or {}),
            },
        )


def asked(books: Shop, bill: Sequence[BillLine], since: int = 0, days: int = 14) -> Answer:
    """Land and allocate a bill, and ask what could be saved in some of its days."""
    land(books.books, bill)
    books.apply()
    start = FIRST + timedelta(days=since)
    asking = Asked(since=start, until=start + timedelta(days=days))
    return savings(frame_of(books.books, asking, NOW, Standing()))


def told(answer: Answer) -> dict[str, Row]:
    return {str(row["rule"]): row for row in answer.rows}


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path) as made:
        yield made


FORTNIGHT = range(14)


def test_an_idle_address_is_found_with_its_bill_rows_and_its_month(books: Shop) -> None:
    answer = asked(
        books,
        [
            *lines("EU-PublicIPv4:IdleAddress", "0.12", FORTNIGHT, "eip-1"),
            *lines("EU-PublicIPv4:InUseAddress", "0.12", FORTNIGHT, "eip-2"),
        ],
    )
    (row,) = answer.rows
    assert (row["kind"], row["resource"], row["confidence"]) == (
        "orphan_candidate",
        "eip-1",
        "measured",
    )
    month = (Decimal("1.68") * 365 / 12 / 14).quantize(Decimal("1e-12"), ROUND_DOWN)
    assert (row["monthly_saving"], row["left"], row["share_percent"]) == (month, 0, 50)
    (proof,) = inner(row, "evidence")
    assert (proof["days"], proof["bill_rows"], proof["cost"]) == (14, 14, Decimal("1.68"))
    assert proof["explain"] == "costper explain --charge aws/1/0:2"
    assert answer.question["a_month"] == "settled days x 365 / 12 / days with data"
    assert "candidate" in str(row["what"])


def test_an_unused_commitment_is_a_finding_and_a_line_of_its_own(books: Shop) -> None:
    spare = list(lines("ComputeSP:1yrNoUpfront", "4", FORTNIGHT, "", more=SPARE))
    answer = asked(books, [*spare, *lines("BoxUsage:m5.large", "9", FORTNIGHT)])
    assert told(answer)["unused_commitment"]["resource"] == "sp-1"
    assert told(answer)["unused_commitment"]["why"] == "the bill calls it unused on 14 of 14 days"
    assert answer.total["measured_saving"] == answer.total["monthly_saving"]
    kept = books.rows(
        "SELECT charge_category, SUM(effective_cost) AS cost FROM dimension_daily "
        "GROUP BY charge_category ORDER BY charge_category"
    )
    assert kept == [
        {"charge_category": "Unused commitment", "cost": Decimal(56)},
        {"charge_category": "Usage", "cost": Decimal(126)},
    ]


def test_a_commitment_billed_by_the_month_counts_only_its_days(books: Shop) -> None:
    (spare,) = lines("SP", "31", [-2], "", more=SPARE)
    whole = BillLine(
        costs=spare.costs, start=spare.start, hours=24 * 31, tags=spare.tags, more=spare.more
    )
    answer = asked(books, [whole, *lines("Other", "1", FORTNIGHT)], days=14)
    (row,) = answer.rows
    (proof,) = inner(row, "evidence")
    assert (proof["days"], proof["cost"]) == (14, Decimal(14))


PAIRS = [
    ("LoadBalancerUsage", "LCUUsage", "idle_load_balancer"),
    ("EUC1-LoadBalancerUsage", "EUC1-DataProcessing-Bytes", "idle_load_balancer"),
    ("USE2-VpcEndpoint-Hours", "USE2-VpcEndpoint-Bytes", "idle_endpoint"),
    ("Storage-ShardHour", "PutRequestPayloadUnits", "idle_stream"),
]


@pytest.mark.parametrize(("fixed", "use", "rule"), PAIRS)
def test_what_costs_by_the_hour_and_is_not_used_is_a_candidate(
    books: Shop, fixed: str, use: str, rule: str
) -> None:
    bill = [
        *lines(fixed, "0.6", FORTNIGHT, "busy"),
        *lines(use, "0.01", [3], "busy"),
        *lines(fixed, "0.6", FORTNIGHT, "still"),
        *lines(fixed, "0.6", range(10, 14), "new"),
        *lines(fixed, "0.6", FORTNIGHT, ""),
    ]
    answer = asked(books, bill)
    assert [(row["rule"], row["resource"]) for row in answer.rows] == [(rule, "still")]
    assert answer.rows[0]["confidence"] == "measured"


def test_a_bill_that_never_shows_use_says_nothing_by_not_showing_it(books: Shop) -> None:
    assert asked(books, [*lines("LoadBalancerUsage", "0.6", FORTNIGHT, "still")]).rows == ()


def test_a_disk_is_an_orphan_only_when_machines_with_its_tags_are_gone(books: Shop) -> None:
    gone, here, never = ({"Name": name, "env": "production"} for name in ("etl", "web", "nas"))
    bill = [
        *lines("BoxUsage:m5.large", "5", range(5), "i-1", tags=gone),
        *lines("BoxUsage:m5.large", "5", range(20), "i-2", tags=here),
        *(
            line
            for name, tags in (("vol-gone", gone), ("vol-here", here), ("vol-never", never))
            for line in lines("EBS:VolumeUsage.gp3", "0.5", range(20), name, tags=tags)
        ),
    ]
    answer = asked(books, bill, since=6, days=14)
    assert [(row["rule"], row["resource"]) for row in answer.rows] == [
        ("orphan_volume", "vol-gone")
    ]
    (row,) = answer.rows
    assert row["confidence"] == "estimated"
    assert row["why"] == (
        "there every day; the last machine with its tags was charged on 2026-08-07"
    )
    assert asked(books, bill, since=0, days=14).rows == ()


def test_nights_leave_out_what_another_finding_claims(books: Shop) -> None:
    staging = {"service": "app", "env": "staging"}
    bill = [
        *lines("EU-PublicIPv4:IdleAddress", "50", FORTNIGHT, "eip-1", tags=staging),
        *lines("Other", "50", FORTNIGHT, "x", tags=staging),
    ]
    answer = asked(books, bill)
    nights = told(answer)["nights_and_weekends"]
    half = amount(told(answer)["idle_address"], "monthly_saving")
    assert amount(nights, "monthly_saving") < half
    assert abs(amount(nights, "monthly_saving") / half - Decimal(113) / 168) < Decimal("1e-9")
    assert nights["confidence"] == "estimated"
    assert answer.total["monthly_cost"] == 2 * half


def test_the_saving_of_23_of_120_thousand_is_19_17_percent(books: Shop) -> None:
    """Seed 003: staging costs $18K of which $11K saved leave $7K; $97K of $120K would stay."""
    staging = {"service": "app", "env": "staging"}
    hours = [
        BillLine(
            costs=money("11000" if hour == 3 else "7000"),
            tags=staging,
            service_name="Cloud",
            start=datetime(2026, 8, 3, hour, tzinfo=UTC),
        )
        for hour in (3, 12)
    ]
    bill = [
        *hours,
        *lines("SP", "12000", [0], "", more=SPARE),
        *lines("Other", "90000", [28]),
        *lines("Other", "0", range(-2, 28)),
    ]
    answer = asked(books, bill, since=-2, days=31)
    assert [answer.total[name] for name in ("monthly_cost", "monthly_saving", "left")] == [
        120_000,
        23_000,
        97_000,
    ]
    assert answer.total["share_percent"] == Decimal("19.17")
    nights = told(answer)["nights_and_weekends"]
    assert [nights[name] for name in ("monthly_cost", "monthly_saving", "left")] == [
        18_000,
        11_000,
        7_000,
    ]
    assert nights["saving_percent"] == Decimal("61.11")
    assert answer.question["a_month"] == "calendar months, by their number"


def test_books_without_charges_save_nothing_and_say_why(books: Shop) -> None:
    frame = frame_of(books.books, Asked(days=14), NOW, Standing())
    answer = savings(frame)
    assert answer.rows == ()
    for name in ("share_percent", "measured_saving", "estimated_saving"):
        assert str(answer.total[name]) == "Absent(reason='no_data')"
    assert [issue.code for issue in answer.issues] == ["no_charges"]


METERS = (
    "PublicIPv4:IdleAddress",
    "LoadBalancerUsage",
    "LCUUsage",
    "EBS:VolumeUsage.gp3",
    "BoxUsage:m5.large",
    "EBS:SnapshotUsage",
    "Storage-ShardHour",
    "Other",
)
ONE = st.tuples(
    st.sampled_from(METERS),
    st.integers(-3, 50),
    st.integers(0, 12),
    st.sampled_from(("a", "b", "")),
    st.sampled_from(("production", "staging", "dev", "")),
    st.booleans(),
)


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # each example opens books
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(ONE, min_size=1, max_size=8))
def test_findings_never_exceed_the_cost_of_any_environment(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: list[tuple[str, int, int, str, str, bool]],
) -> None:
    bill = [
        line
        for meter, cost, start, resource, environment, spare in drawn
        for line in lines(
            meter,
            str(cost),
            range(start, start + 8),
            resource,
            tags={"service": "app", "env": environment},
            more=SPARE if spare else None,
        )
        if cost >= 0
    ]
    with shop(tmp_path_factory.mktemp("books")) as made:
        answer = asked(made, bill, days=20)
        cost = Decimal(0)
        for line in bill:
            cost += line.costs["effective_cost"]
        if not cost:
            return
        assert amount(answer.total, "monthly_saving") <= amount(answer.total, "monthly_cost")
        by_environment: dict[str, Decimal] = {}
        for line in bill:
            name = line.tags["env"] or "(untagged)"
            own = line.costs["effective_cost"]
            by_environment[name] = by_environment.get(name, Decimal(0)) + own
        days = len({line.start for line in bill})
        for name, whole in by_environment.items():
            saved = sum(
                (
                    amount(row, "monthly_saving")
                    for row in answer.rows
                    if row["environment"] == name
                ),
                Decimal(0),
            )
            assert saved <= whole * 365 / 12 / days + Decimal("1e-9")
