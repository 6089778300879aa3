"""A server's front over books that take calls, with clients of it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient
from tests.pipeline.calls import desks
from tests.pipeline.calls.people_world import NOW, people_books

from costper.api.app import fronted
from costper.pipeline.calls.road import Calls, open_calls
from costper.store.books import Books
from costper.store.keys import add_key

EVENTS = "/api/v1/events"
GOOD = {**desks.GOOD, "userId": "u-1", "timestamp": "2026-11-20T10:00:00Z"}


@dataclass(slots=True)
class CallsWorld:
    """Books that take calls, behind the door of a server."""

    books: Books
    calls: Calls

    def client(self, *, secret: str = "", local: bool = True) -> TestClient:
        """Give a client, with a key when one is given."""
        app = fronted(self.books, self.calls, clock=lambda: NOW, local=local)
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        return TestClient(app, base_url="http://127.0.0.1:8321", headers=headers)

    def key(self, *scopes: str) -> str:
        """Make a key and give its secret."""
        return add_key(self.books.control, "-".join(scopes), scopes, now=NOW)

    def told(self) -> list[dict[str, Any]]:
        """Give the calls the books hold."""
        self.calls.intake.fold_now()
        found: list[dict[str, Any]] = self.books.marts.query(
            "SELECT * FROM calls ORDER BY call_id, line_no"
        ).to_pylist()
        return found


@contextmanager
def calls_world(folder: Path, llm: str = "") -> Generator[CallsWorld]:
    """Open books in a folder, with this section `llm` of costper.yaml."""
    books = people_books(folder, llm)
    try:
        with open_calls(books) as calls:
            yield CallsWorld(books, calls)
    finally:
        books.close()
