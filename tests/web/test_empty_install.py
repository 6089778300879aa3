"""Books that nothing has come into: no page takes the unknown for zero, each says what is next."""

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.demo.asked import run
from tests.web.serving import Served, served
from tests.web.shown import words_of

from costper.web.pages import PAGES

PATHS = sorted(it.path for it in PAGES if "{" not in it.path and "explain" not in it.path)
SURE = {"/connect", "/events", "/settings", "/sources"}
"""What they show does not come with a bill."""


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("empty")
    code, _, err = run(folder, "init")
    assert code == 0, err
    with served(folder) as found:
        yield found


def written(served: Served, path: str) -> str:
    with urllib.request.urlopen(served.address + path) as reply:  # noqa: S310 - our own server
        text: str = reply.read().decode()
    return text[text.index("<main") :]


@pytest.mark.parametrize("path", PATHS)
def test_an_empty_install_says_no_amount_and_no_count(empty: Served, path: str) -> None:
    assert re.findall(r"\$\d\S*|\b0\b", words_of(written(empty, path))) == []


@pytest.mark.parametrize("path", [it for it in PATHS if it not in SURE])
def test_an_empty_install_says_what_is_next(empty: Served, path: str) -> None:
    page = written(empty, path)
    assert "Nothing has come in yet" in page
    assert 'href="/connect"' in page
    assert "things to know about these numbers" not in page


def test_sources_that_nobody_read_are_the_next_step(tmp_path: Path) -> None:
    run(tmp_path, "init")
    settings = tmp_path / "costper.yaml"
    told = settings.read_text("utf-8").replace("  # bill: {", "  bill: {")
    settings.write_text(told, "utf-8")
    with served(tmp_path) as found:
        page = written(found, "/customers")
    assert "1 source is declared and was not read yet" in words_of(page)
    assert 'href="/sources"' in page
