"""Whatever a customer or service is called, the link its list has leads to its page."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.ledger import NOW
from tests.pipeline.query.world import FIRST, Lettered, lettered

from costper.api.app import application
from costper.web.server import with_pages

HOST = "http://127.0.0.1:8321"
DAYS = "?from=2026-10-01&to=2026-11-01"
ODD = ("tab\there", "line\nend", "a\x00nul", "del\x7fx", "next\x85x", "a/b?c#d\u2028x")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    root: Path = tmp_path_factory.mktemp("odd")
    books: Lettered = lettered(root)
    for name in ODD:
        books.every_day(FIRST, 31, "3", customer=name, service=name, team=name, environment=name)
    books.keep()
    api = application(books.books(), clock=lambda: NOW, local=True)
    app = with_pages(api, clock=lambda: NOW, organisation="Somebody")
    yield TestClient(app, base_url=HOST, headers={"Origin": HOST})
    books.close()


@pytest.mark.parametrize("noun", ["customers", "services", "teams", "environments"])
def test_every_link_of_a_list_leads_to_a_page(client: TestClient, noun: str) -> None:
    listed = client.get(f"/{noun}{DAYS}").text
    links = {
        html.unescape(link) for link in re.findall(rf'class="name" href="(/{noun}/[^"]*)"', listed)
    }
    assert len(links) == len(ODD)
    for link in sorted(links):
        assert client.get(link).status_code == 200, link
