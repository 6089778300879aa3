"""What costper.yaml may say of a Google Cloud billing export."""

from __future__ import annotations

from typing import Literal

from costper.model.delivery import Mode
from costper.sources.gather import FileSettings
from costper.sources.grouping import Files

CostOfRecord = Literal["effective_cost", "billed_cost"]


class GcpBillingSettings(FileSettings):
    """One standard or detailed usage cost export of Cloud Billing."""

    files: Files = "auto"
    """How files without a manifest relate: auto, parts (they add up), snapshots (last counts)."""
    mode: Mode = "overwrite"
    """Whether files replace the invoice months they hold (overwrite) or add to them (append)."""
    cost_of_record: CostOfRecord | None = None
    """Which cost this source's answers are made of; left out, the books' own choice."""
