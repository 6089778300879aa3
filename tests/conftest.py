"""What every test may ask for: the shared sample data, where it is present."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long a law takes says more of the machine than of the law; timings live in bench/.
settings.register_profile("costper", deadline=None)
settings.load_profile("costper")

ROOT = Path(__file__).resolve().parents[1]


def shared_root() -> Path:
    """Say where the shared data lies: beside the clone, unless COSTPER_SHARED says."""
    return Path(os.environ.get("COSTPER_SHARED", ROOT.parent / "shared"))


def missing_folder(folder: str) -> str | None:
    """Name the shared folder that is absent, or nothing when it is there."""
    if (shared_root() / folder).is_dir():
        return None
    return f"shared data is absent: ../shared/{folder}".rstrip("/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `shared("data/bills")` where that folder is absent, by name."""
    for item in items:
        for mark in item.iter_markers("shared"):
            reason = missing_folder(str(mark.args[0]) if mark.args else "")
            if reason:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of shared sample data; mark the test `shared` as well."""
    reason = missing_folder("")
    if reason:
        pytest.skip(reason)
    return shared_root()
