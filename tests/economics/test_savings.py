"""The meters of savings know what vendors write, and nothing beside it."""

from datetime import date
from decimal import Decimal

import pytest

from costper.economics.savings import METERS, RULES
from costper.economics.savings.base import Bill, Claim, Line, Seen
from costper.economics.savings.claims import claimed, findings
from costper.pipeline.savings.mart import meter_of

KNOWN = [
    (Line(usage="ElasticIP:IdleAddress"), "idle_address"),
    (Line(usage="USE2-PublicIPv4:IdleAddress"), "idle_address"),
    (Line(description="$0.005 per Idle public IPv4 address per hour"), "idle_address"),
    (Line(description="Static Ip Charge"), "idle_address"),
    (Line(description="Static Ip Charge in Frankfurt"), "idle_address"),
    (Line(usage="EU-LoadBalancerUsage"), "load_balancer_hours"),
    (Line(usage="LCUUsage"), "load_balancer_traffic"),
    (Line(usage="EUC1-IdleProvisionedLBCapacity"), "idle_balancer_capacity"),
    (Line(service="AmazonEC2", usage="EU-NatGateway-Hours"), "nat_gateway_hours"),
    (Line(service="NAT Gateway", usage="Standard Gateway"), "nat_gateway_hours"),
    (Line(usage="EU-NatGateway-Bytes"), "nat_gateway_bytes"),
    (Line(usage="Lambda-Provisioned-Concurrency"), "provisioned_concurrency"),
    (Line(service="AWS Lambda", usage="EU-Request"), "function_calls"),
    (Line(usage="EUC1-EBS:VolumeUsage.gp3"), "disk"),
    (Line(description="Storage PD Capacity in Frankfurt"), "disk"),
    (Line(usage="EBS:SnapshotUsage"), "snapshot"),
    (Line(usage="USW2-BoxUsage:m5.large"), "machine"),
    (Line(description="N1 Predefined Instance Core running in Americas"), "machine"),
    (Line(usage="Anything", status="Unused"), "unused_commitment"),
]
UNKNOWN = [
    Line(),
    Line(usage="EU-PublicIPv4:InUseAddress"),
    Line(description="Static Ip Charge on a Standard VM"),
    Line(usage="TS-LoadBalancerUsageOther"),
    Line(service="Amazon S3", usage="EU-Request"),
    Line(service="AmazonCloudWatch", usage="DataProcessing-Bytes"),
    Line(service="Application Gateway", usage="Standard Gateway"),
    Line(usage="DataTransfer-Out-Bytes"),
    Line(usage="Anything", status="Used"),
]


@pytest.mark.parametrize(("line", "meter"), KNOWN)
def test_a_line_of_a_bill_is_known_by_its_words(line: Line, meter: str) -> None:
    found = meter_of(line)
    assert found is not None
    assert found.name == meter


@pytest.mark.parametrize("line", UNKNOWN)
def test_a_line_that_only_looks_alike_is_of_no_meter(line: Line) -> None:
    assert meter_of(line) is None


def seen(meter: str, resource: str, cost: str, days: int = 14, **said: str) -> Seen:
    """Give what was seen of a resource."""
    return Seen(
        meter=meter,
        source="aws",
        resource=resource,
        cost=Decimal(cost),
        days=days,
        first=date(2026, 8, 1),
        last=date(2026, 8, 14),
        account=said.get("account", "1"),
    )


def bill(*many: Seen) -> Bill:
    """Give a bill of two weeks."""
    return Bill(seen=many, earlier={}, start=date(2026, 8, 1), days=14)


def test_every_rule_has_a_name_and_meters_of_its_own() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert len({meter.name for meter in METERS}) == len(METERS)
    assert all("candidate" in rule.what for rule in RULES if rule.kind.endswith("_candidate"))


def test_a_cost_two_rules_claim_is_the_first_ones() -> None:
    one = seen("idle_address", "eip", "3")
    (first,) = (rule for rule in RULES if rule.name == "idle_address")
    found = findings(bill(one), (first, first))
    assert [finding.claims for finding in found] == [
        (Claim(seen=one, why="the bill calls it idle on 14 of 14 days"),)
    ]
    assert claimed(found) == {("idle_address", "aws", "eip")}


def test_a_credit_or_nothing_is_no_saving() -> None:
    many = [seen("idle_address", "a", "-3"), seen("idle_address", "b", "0")]
    assert findings(bill(*many), RULES) == ()


def test_a_database_is_idle_only_where_storage_says_that_it_would_show() -> None:
    machines = [seen("aurora_hours", name, "9", account=name) for name in ("a", "b", "c")]
    storage = [seen("aurora_storage", "cluster", "1", account=name) for name in ("a", "b")]
    found = findings(bill(*machines, *storage, seen("aurora_io", "c", "1", account="b")), RULES)
    assert [one.claims[0].seen.resource for one in found] == ["a"]
