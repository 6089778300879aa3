"""The double is as strict as the service it stands for, asked by the real client."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from tests.sources.cost_explorer_double import CostExplorerDouble
from tests.sources.cost_explorer_reading import company
from tests.sources.cost_explorer_rules import Line

ASKED: dict[str, Any] = {
    "TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"},
    "Granularity": "DAILY",
    "Metrics": ["UnblendedCost"],
}
SERVICE = {"Type": "DIMENSION", "Key": "SERVICE"}
ACCOUNT = {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}
TEAM = {"Type": "TAG", "Key": "team"}


@pytest.fixture
def double() -> Iterator[CostExplorerDouble]:
    """Serve the sample company, three groups a page."""
    with CostExplorerDouble(ledger=company(), page_groups=3) as served:
        yield served


def client(double: CostExplorerDouble) -> Any:  # noqa: ANN401 - boto3 makes its methods at run time
    return boto3.client(
        "ce",
        region_name="us-east-1",
        endpoint_url=double.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def test_the_textbook_query_is_refused_for_its_three_group_keys(
    double: CostExplorerDouble,
) -> None:
    ask = client(double).get_cost_and_usage
    ask(**ASKED, GroupBy=[TEAM, SERVICE])
    with pytest.raises(ClientError, match="ValidationException"):
        ask(**ASKED, GroupBy=[TEAM, SERVICE, ACCOUNT])


def test_adding_two_projections_counts_the_money_twice(double: CostExplorerDouble) -> None:
    double.page_groups = 1000
    ask = client(double).get_cost_and_usage
    once = spent(ask(**ASKED))
    assert spent(ask(**ASKED, GroupBy=[SERVICE])) == once
    both = spent(ask(**ASKED, GroupBy=[SERVICE])) + spent(ask(**ASKED, GroupBy=[TEAM]))
    assert both == once * 2


def spent(page: dict[str, Any]) -> Decimal:
    found = [
        metrics
        for slice_ in page["ResultsByTime"]
        for metrics in [slice_["Total"], *(group["Metrics"] for group in slice_["Groups"])]
    ]
    return sum((Decimal(m["UnblendedCost"]["Amount"]) for m in found if m), Decimal(0))


def test_a_token_is_for_the_question_it_was_given_to(double: CostExplorerDouble) -> None:
    ask = client(double).get_cost_and_usage
    token = ask(**ASKED, GroupBy=[TEAM, SERVICE])["NextPageToken"]
    ask(**ASKED, GroupBy=[TEAM, SERVICE], NextPageToken=token)
    with pytest.raises(ClientError, match="RequestChangedException"):
        ask(**ASKED, GroupBy=[SERVICE], NextPageToken=token)
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        ask(**ASKED, GroupBy=[TEAM, SERVICE], NextPageToken="invented")


def test_a_grouped_answer_has_no_total_and_an_ungrouped_one_no_groups(
    double: CostExplorerDouble,
) -> None:
    ask = client(double).get_cost_and_usage
    first = ask(**ASKED, GroupBy=[TEAM])["ResultsByTime"][0]
    assert first["Total"] == {}
    assert first["Groups"][0]["Keys"] == ["team$"]
    assert isinstance(first["Groups"][0]["Metrics"]["UnblendedCost"]["Amount"], str)
    slices = ask(**ASKED)["ResultsByTime"]
    assert len(slices) == 31
    assert all(slice_["Groups"] == [] for slice_ in slices)


def test_the_end_day_is_exclusive_and_a_month_may_be_cut_short(
    double: CostExplorerDouble,
) -> None:
    double.ledger = [Line(day=date(2026, 10, n), unblended=Decimal(n)) for n in (1, 2, 3)]
    ask = client(double).get_cost_and_usage
    period = {"Start": "2026-10-01", "End": "2026-10-03"}
    page = ask(**{**ASKED, "TimePeriod": period, "Granularity": "MONTHLY"})
    assert page["ResultsByTime"][0]["TimePeriod"] == period
    assert spent(page) == 3


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2026-10-01", "2026-10-01", "should be before"),
        ("2026-10-02", "2026-10-01", "should be before"),
        ("2026-10-01", "2026-12-02", "past the beginning of next month"),
        ("2026-11-21", "2026-11-22", "future"),
        ("2025-09-30", "2026-10-01", "beyond 14 months"),
        ("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", "YYYY-MM-DD"),
    ],
)
def test_a_wrong_period_is_refused(
    double: CostExplorerDouble, start: str, end: str, told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        client(double).get_cost_and_usage(**{**ASKED, "TimePeriod": {"Start": start, "End": end}})


def filtered(expression: dict[str, Any]) -> dict[str, Any]:
    return {"Filter": expression}


@pytest.mark.parametrize(
    "wrong",
    [
        {"Metrics": ["UnblendedCosts"]},
        {"Metrics": []},
        {"Granularity": "HOURLY"},
        {"GroupBy": [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}]},
        {"GroupBy": [{"Type": "DIMENSION", "Key": "TEAM"}]},
        {"GroupBy": [SERVICE, SERVICE]},
        filtered({}),
        filtered({"And": [{"Tags": {"Key": "team", "Values": ["core"]}}]}),
        filtered({"Tags": {"Key": "team", "Values": [""]}}),
        filtered({"Tags": {"Key": "team", "Values": ["a"], "MatchOptions": ["CONTAINS"]}}),
        filtered({"Dimensions": {"Key": "SERVICE", "MatchOptions": ["ABSENT"]}}),
        filtered({"Dimensions": {"Key": "RESOURCE_ID", "Values": ["i-1"]}}),
    ],
    ids=str,
)
def test_a_wrong_question_is_refused(double: CostExplorerDouble, wrong: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        client(double).get_cost_and_usage(**{**ASKED, **wrong})


def test_filters_are_boolean_over_line_items(double: CostExplorerDouble) -> None:
    ask = client(double).get_cost_and_usage
    core = {"Tags": {"Key": "team", "Values": ["core"]}}
    untagged = {"Tags": {"Key": "team", "MatchOptions": ["ABSENT"]}}
    either = spent(ask(**ASKED, Filter={"Or": [core, untagged, core]}))
    neither = spent(ask(**ASKED, Filter={"And": [{"Not": core}, {"Not": untagged}]}))
    assert either + neither == spent(ask(**ASKED))
    assert spent(ask(**ASKED, Filter=untagged)) == 60


def test_single_resources_take_an_opt_in_nobody_gave(double: CostExplorerDouble) -> None:
    ask = client(double).get_cost_and_usage_with_resources
    everything = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon S3"]}}
    with pytest.raises(ClientError, match="DataUnavailableException"):
        ask(**ASKED, Filter=everything)


def test_values_of_tags_and_dimensions_are_listed(double: CostExplorerDouble) -> None:
    explorer = client(double)
    period = ASKED["TimePeriod"]
    assert explorer.get_tags(TimePeriod=period)["Tags"] == ["customer", "team"]
    assert explorer.get_tags(TimePeriod=period, TagKey="team")["Tags"] == ["", "core", "search"]
    found = explorer.get_dimension_values(TimePeriod=period, Dimension="LINKED_ACCOUNT")
    assert [value["Value"] for value in found["DimensionValues"]] == [
        "111111111111",
        "222222222222",
    ]
