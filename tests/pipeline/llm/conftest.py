"""Books with calls in them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger import Ledger

from costper.config.llm import LlmSettings
from costper.config.settings import MetricSetting


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give empty books that count active users by day."""
    made = Ledger.at(
        tmp_path,
        metrics=(
            MetricSetting(name="requests", unit="request"),
            MetricSetting(name="mau", unit="user", kind="active_users", grain="month"),
        ),
        llm=LlmSettings(internal_tenants=("ours",), free_plans=("free",)),
    )
    yield made
    made.close()
