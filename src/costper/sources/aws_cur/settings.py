"""What costper.yaml may say of an AWS report."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from costper.sources.gather import FileSettings
from costper.sources.grouping import Files

CostOfRecord = Literal["effective_cost", "billed_cost"]


class AwsCurSettings(FileSettings):
    """One Cost and Usage Report, 1.x or 2.0."""

    files: Files = "auto"
    """How files without a manifest relate: auto, parts (they add up), snapshots (last counts)."""
    costs: Literal["unblended", "net"] = "unblended"
    """Before negotiated discounts, or net of them where the report has net columns."""
    account: Annotated[str, Field(min_length=1)] = "all"
    """Name of the report in `costper deliveries`; a newer set of files replaces its month."""
    cost_of_record: CostOfRecord | None = None
    """Which cost this source's answers are made of; left out, the books' own choice."""
