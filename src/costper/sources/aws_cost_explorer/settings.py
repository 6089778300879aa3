"""What costper.yaml may say about a Cost Explorer source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costper.sources.base import SourceSettings

CostOfRecord = Literal["effective_cost", "billed_cost"]
HISTORY_MONTHS = 13
"""How many months before the current one Cost Explorer keeps by day."""

Name = Annotated[str, Field(min_length=1)]


class CostExplorerSettings(SourceSettings):
    """Settings of `type: aws_cost_explorer`; all may be left out."""

    tags: tuple[Name, ...] = ()
    """Cost allocation tag keys to cut the bill by, spelled as AWS knows them."""
    cost_category: str = ""
    """A Cost Category to cut by as well; dimensions read it as `tags.cost_category:NAME`."""
    account: str = ""
    """The paying account the bill is of; left out, the account of the credentials."""
    profile: str = ""
    """A profile of the AWS configuration; left out, boto3's own chain decides."""
    region: str = "us-east-1"
    """Where Cost Explorer is asked; it lives in us-east-1 (China: cn-northwest-1)."""
    endpoint_url: str = ""
    """Another address to ask, such as a VPC endpoint."""
    billed_metric: Literal["UnblendedCost", "NetUnblendedCost"] = "UnblendedCost"
    """What becomes billed_cost."""
    effective_metric: Literal["NetAmortizedCost", "AmortizedCost"] = "NetAmortizedCost"
    """What becomes effective_cost; the Net one has discounts in the rows they lower."""
    months: Annotated[int, Field(ge=1, le=HISTORY_MONTHS + 1)] = 2
    """How many calendar months a sync replaces, the current one included."""
    requests_max: Annotated[int, Field(ge=1)] = 100
    """The most requests one sync may pay for, at $0.01 each."""
    attempts_max: Annotated[int, Field(ge=1, le=20)] = 8
    """How often one request is tried while Cost Explorer throttles, with growing pauses."""
    cost_of_record: CostOfRecord | None = None
    """Which cost this source's answers are made of; left out, the books' own choice."""
