"""What Lumen Desk runs in production: every service, who owns it, what it cost in October."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from costper.demo.chance import Shape
from costper.demo.company import DATA, INCIDENT_SERVICE, PRODUCTION, TOOLING, Account

Pricing = Literal["on_demand", "savings_plan", "marketplace"]


@dataclass(frozen=True, slots=True)
class Product:
    """An AWS product: its name, its service code and its FOCUS category."""

    name: str
    code: str
    category: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One kind of resource: `count` of them, together `share` parts of the component's cost.

    With a `price` (dollars per `unit`) the quantity is the cost divided by it; without one the
    resource is billed by the hour.
    """

    resource: str
    usage: str
    count: int = 1
    share: int = 100
    unit: str = "Hrs"
    price: Decimal | None = None
    shape: Shape = "flat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One service of the company on one AWS product: its October cost, its owner, its lines."""

    service: str
    team: str
    product: Product
    october: Decimal
    lines: tuple[Line, ...]
    account: Account = PRODUCTION
    pricing: Pricing = "on_demand"
    hourly: bool = False
    tagged: bool = True


EC2 = Product("Amazon Elastic Compute Cloud", "AmazonEC2", "Compute")
RDS = Product("Amazon Relational Database Service", "AmazonRDS", "Databases")
CACHE = Product("Amazon ElastiCache", "AmazonElastiCache", "Databases")
CLOUDFRONT = Product("Amazon CloudFront", "AmazonCloudFront", "Networking")
S3 = Product("Amazon Simple Storage Service", "AmazonS3", "Storage")
LAMBDA = Product("AWS Lambda", "AWSLambda", "Compute")
FARGATE = Product("Amazon Elastic Container Service", "AmazonECS", "Compute")
OPENSEARCH = Product("Amazon OpenSearch Service", "AmazonES", "Analytics")
BALANCER = Product("Elastic Load Balancing", "AWSELB", "Networking")
NETWORK = Product("Amazon Virtual Private Cloud", "AmazonVPC", "Networking")
CLOUDWATCH = Product("AmazonCloudWatch", "AmazonCloudWatch", "Management and Governance")
DATADOG = Product("Datadog Pro", "8uz4example0datadog", "Management and Governance")
GUARDDUTY = Product("Amazon GuardDuty", "AmazonGuardDuty", "Security")
KEYS = Product("AWS Key Management Service", "awskms", "Security")
MAIL = Product("Amazon Simple Email Service", "AmazonSES", "Web")
REDSHIFT = Product("Amazon Redshift", "AmazonRedshift", "Analytics")
GLUE = Product("AWS Glue", "AWSGlue", "Analytics")
KINESIS = Product("Amazon Kinesis", "AmazonKinesis", "Analytics")
SAGEMAKER = Product("Amazon SageMaker", "AmazonSageMaker", "AI and Machine Learning")
BUILD = Product("AWS CodeBuild", "CodeBuild", "Developer Tools")
REGISTRY = Product("Amazon Elastic Container Registry", "AmazonECR", "Storage")


def _hours(resource: str, usage: str, count: int = 1, share: int = 100) -> Line:
    """Billed by the hour, running all the time."""
    return Line(resource=resource, usage=usage, count=count, share=share)


def _stored(resource: str, usage: str, share: int = 100, price: str = "0.10") -> Line:
    """Billed by the gigabyte and month."""
    return Line(resource=resource, usage=usage, share=share, unit="GB-Mo", price=Decimal(price))


def _metered(resource: str, usage: str, share: int, unit: str, price: str) -> Line:
    """Billed by use, which follows the working week."""
    return Line(
        resource=resource, usage=usage, share=share, unit=unit, price=Decimal(price), shape="busy"
    )


def _traffic(resource: str, usage: str, share: int = 100, price: str = "0.085") -> Line:
    return _metered(resource, usage, share, "GB", price)


SHARED = (
    Component(
        service="shared-db",
        team="platform",
        product=RDS,
        october=Decimal(12_600),
        lines=(
            _hours("db:shared-db", "InstanceUsage:db.r6g.4xl", 3, 62),
            _stored("cluster:shared-db", "Aurora:StorageUsage", 14),
            _metered("cluster:shared-db", "Aurora:StorageIOUsage", 21, "IOs", "0.0000002"),
            _stored("cluster:shared-db", "Aurora:BackupUsage", 3, "0.021"),
        ),
    ),
    Component(
        service="shared-cache",
        team="platform",
        product=CACHE,
        october=Decimal(4_600),
        lines=(_hours("cluster:shared-cache", "NodeUsage:cache.r7g.xlarge", 6),),
    ),
    Component(
        service="cdn",
        team="platform",
        product=CLOUDFRONT,
        october=Decimal(8_400),
        lines=(
            _traffic("distribution/E1ATTACHMENTS", "US-DataTransfer-Out-Bytes", 41),
            _traffic("distribution/E1ATTACHMENTS", "EU-DataTransfer-Out-Bytes", 27),
            _traffic("distribution/E1ATTACHMENTS", "AP-DataTransfer-Out-Bytes", 9, "0.12"),
            _traffic("distribution/E2WIDGET", "US-DataTransfer-Out-Bytes", 11),
            _traffic("distribution/E2WIDGET", "EU-DataTransfer-Out-Bytes", 7),
            _metered("distribution/E1ATTACHMENTS", "US-Requests-HTTPS", 3, "Requests", "0.000001"),
            _metered("distribution/E2WIDGET", "EU-Requests-HTTPS", 2, "Requests", "0.0000012"),
        ),
    ),
    Component(
        service="search",
        team="product",
        product=OPENSEARCH,
        october=Decimal(3_300),
        lines=(
            _hours("domain/tickets", "ESInstance:r6g.large", 6, 85),
            _stored("domain/tickets", "ES:gp3-Storage", 15, "0.122"),
        ),
    ),
)
"""What all customers use together; it is split by what each of them requested."""

APPLICATION = (
    Component(
        service="api",
        team="product",
        product=EC2,
        october=Decimal(10_400),
        pricing="savings_plan",
        lines=(_hours("instance/i-0api", "BoxUsage:m7g.2xlarge", 32),),
    ),
    Component(
        service="api",
        team="product",
        product=EC2,
        october=Decimal(2_600),
        lines=(
            _metered("instance/i-1burst", "BoxUsage:m7g.2xlarge", 70, "Hrs", "0.3264"),
            _stored("volume/vol-0api", "EBS:VolumeUsage.gp3", 30, "0.08"),
        ),
    ),
    Component(
        service="web",
        team="product",
        product=BALANCER,
        october=Decimal(2_200),
        lines=(
            _hours("loadbalancer/app/web", "LoadBalancerUsage", 2, 20),
            _metered("loadbalancer/app/web-1", "LCUUsage", 80, "LCU-Hrs", "0.008"),
        ),
    ),
    Component(
        service="worker",
        team="product",
        product=FARGATE,
        october=Decimal(2_900),
        lines=(
            _metered("service/worker", "Fargate-vCPU-Hours:perCPU", 72, "hours", "0.04048"),
            _metered("service/worker", "Fargate-GB-Hours", 28, "hours", "0.004445"),
        ),
    ),
    Component(
        service=INCIDENT_SERVICE,
        team="growth",
        product=LAMBDA,
        october=Decimal(1_150),
        hourly=True,
        lines=(
            _metered("function:image-resizer", "Lambda-GB-Second", 94, "seconds", "0.0000166667"),
            _metered("function:image-resizer", "Request", 6, "Requests", "0.0000002"),
        ),
    ),
    Component(
        service="attachments",
        team="product",
        product=S3,
        october=Decimal(2_850),
        lines=(
            _stored("lumen-attachments", "TimedStorage-ByteHrs", 71, "0.023"),
            _stored("lumen-attachments-eu", "EU-TimedStorage-ByteHrs", 22, "0.0245"),
            _metered("lumen-attachments", "Requests-Tier1", 7, "Requests", "0.000005"),
        ),
    ),
    Component(
        service="notifications",
        team="growth",
        product=MAIL,
        october=Decimal(900),
        lines=(_metered("identity/mail.lumendesk.example", "Recipients", 100, "Count", "0.0001"),),
    ),
)
"""The application: compute by CPU seconds, attachments by gigabytes, mail by seats."""

OVERHEAD = (
    Component(
        service="network",
        team="platform",
        product=NETWORK,
        october=Decimal(2_300),
        lines=(
            _hours("natgateway/nat-0prod", "NatGateway-Hours", 3, 15),
            _traffic("natgateway/nat-0prod-1", "NatGateway-Bytes", 70, "0.045"),
            _traffic("vpc/vpc-0prod", "DataTransfer-Regional-Bytes", 15, "0.01"),
        ),
    ),
    Component(
        service="observability",
        team="platform",
        product=CLOUDWATCH,
        october=Decimal(1_900),
        lines=(
            _metered("log-group:/lumen/production", "DataProcessing-Bytes", 74, "GB", "0.50"),
            _stored("log-group:/lumen/production", "TimedStorage-ByteHrs", 9, "0.03"),
            _metered("metric/lumen", "CW:MetricMonitorUsage", 17, "Metrics", "0.30"),
        ),
    ),
    Component(
        service="observability",
        team="platform",
        product=DATADOG,
        october=Decimal(2_400),
        pricing="marketplace",
        lines=(_hours("agreement/agmt-datadog-pro", "Hosts:Pro"),),
    ),
    Component(
        service="security",
        team="security",
        product=GUARDDUTY,
        october=Decimal(870),
        lines=(_metered("detector/production", "PaidEventsAnalyzed", 100, "Events", "0.000004"),),
    ),
    Component(
        service="security",
        team="security",
        product=KEYS,
        october=Decimal(380),
        lines=(_metered("key/lumen-data", "KMS-Requests", 100, "Requests", "0.000003"),),
    ),
    Component(
        service="warehouse",
        team="data",
        product=REDSHIFT,
        october=Decimal(3_100),
        account=DATA,
        lines=(
            _hours("namespace:analytics", "Node:ra3.xlplus", 3, 88),
            _stored("namespace:analytics", "RMS:ra3.xlplus", 12, "0.024"),
        ),
    ),
    Component(
        service="pipelines",
        team="data",
        product=GLUE,
        october=Decimal(1_050),
        account=DATA,
        lines=(_metered("job/events-to-warehouse", "ETL-DPU-Hour", 100, "DPU-Hour", "0.44"),),
    ),
    Component(
        service="pipelines",
        team="data",
        product=KINESIS,
        october=Decimal(850),
        account=DATA,
        lines=(_hours("stream/product-events", "Storage-ShardHour", 12),),
    ),
    Component(
        service="reply-suggestions",
        team="data",
        product=SAGEMAKER,
        october=Decimal(1_000),
        account=DATA,
        lines=(_hours("endpoint/reply-suggestions", "Host:ml.g5.xlarge"),),
    ),
)
"""What nobody can meter by customer; it is split by seats."""

INTERNAL = (
    Component(
        service="ci",
        team="",
        product=BUILD,
        october=Decimal(2_179),
        account=TOOLING,
        lines=(
            Line(
                resource="build/lumen-monorepo",
                usage="Build-Min:Linux:g1.large",
                unit="minutes",
                price=Decimal("0.02"),
                shape="office",
            ),
        ),
    ),
    Component(
        service="artifacts",
        team="",
        product=REGISTRY,
        october=Decimal(500),
        account=TOOLING,
        lines=(_stored("repository/lumen", "TimedStorage-ByteHrs"),),
    ),
)
"""What all teams use together: rules divide it between them, so no tag names a team."""

UNTAGGED = (
    Component(
        service="",
        team="",
        product=EC2,
        october=Decimal(1_350),
        tagged=False,
        lines=(
            _hours("instance/i-9unknown", "BoxUsage:m5.xlarge", 5, 78),
            _stored("volume/vol-9unknown", "EBS:VolumeUsage.gp2", 14),
            _stored("snapshot/snap-9unknown", "EBS:SnapshotUsage", 8, "0.05"),
        ),
    ),
)
"""What nobody claims: no tag, so no rule takes it and it stays visibly unallocated."""

COMPONENTS = (*SHARED, *APPLICATION, *OVERHEAD, *INTERNAL, *UNTAGGED)
