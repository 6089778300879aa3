"""Empty books with metrics, for tests to fill."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.pipeline.query.world import Lettered, lettered


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Lettered]:
    """Give empty books."""
    made = lettered(tmp_path)
    yield made
    made.close()
