"""A shared link leads to this server or is not made."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from costper.errors import UserError
from costper.store.control import Control, sqlite_url
from costper.store.shares import add_share, share_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    folder: Path = tmp_path_factory.mktemp("shares")
    control = Control(sqlite_url(folder / "control.sqlite"))
    yield control
    control.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=20) | st.text("/\\:.a@?#%& \t\n=", max_size=12).map("/".__add__))
def test_whatever_path_is_taken_stays_on_this_server(control: Control, path: str) -> None:
    try:
        made = add_share(control, path, 1, actor="x", now=NOW)
    except UserError:
        return
    place = urlsplit(urljoin("https://books.example/s/abc", path))
    assert (place.scheme, place.netloc) == ("https", "books.example")
    assert share_of(control, made.token, NOW.date()) == made
