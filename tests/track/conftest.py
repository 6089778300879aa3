"""Each test of track has its own provider, its own costper, and its own senders."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.track.doors import ACCEPTED, Door, door, said

from costper.track import client as tracking
from costper.track import quiet


@pytest.fixture(autouse=True)
def _own_senders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tracking, "_senders", {})
    monkeypatch.setattr(quiet, "_said", set[str]())
    monkeypatch.setenv("COSTPER_SPOOL", str(tmp_path / "spool"))


@pytest.fixture
def costper_server() -> Iterator[Door]:
    with door(ACCEPTED) as found:
        yield found


@pytest.fixture
def provider() -> Iterator[Door]:
    with door(said({"error": {"message": "nothing more is recorded"}}, 500)) as found:
        yield found
