"""A server's application over books filled by hand."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tests.ledger import NOW, Ledger

from costper.api.app import application
from costper.store.books import Books
from costper.store.keys import add_key


@dataclass(slots=True)
class World:
    """Books with an application over them; `client()` calls it as a program would."""

    ledger: Ledger
    books: Books

    def client(
        self, *, secret: str = "", local: bool = True, host: str = "127.0.0.1:8321"
    ) -> TestClient:
        """Give a client, with a key when one is given."""
        self.ledger.keep()
        app = application(self.books, clock=lambda: NOW, local=local)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return TestClient(
            app, base_url=f"http://{host}", headers=headers, raise_server_exceptions=False
        )

    def key(self, *scopes: str, name: str = "key") -> str:
        """Make a key and give its secret."""
        return add_key(self.books.control, name, scopes or ("read",), now=NOW)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give empty books and their application."""
    ledger = Ledger.at(tmp_path)
    books = ledger.books()
    yield World(ledger, books)
    books.close()
