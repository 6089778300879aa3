"""Empty books in a folder of their own, for tests to fill."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give empty books."""
    made = Ledger.at(tmp_path)
    yield made
    made.close()
