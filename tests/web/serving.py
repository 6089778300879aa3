"""The sample company behind a real server, for tests that open its pages."""

import fcntl
import shutil
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from pathlib import Path

import uvicorn
from tests.demo.asked import NOW, run

from costper.api.app import fronted
from costper.cli.context import Context
from costper.cli.settings import settings
from costper.pipeline.calls.road import open_calls
from costper.store.books import Books, open_books
from costper.web.server import with_pages


@dataclass(frozen=True, slots=True)
class Served:
    """Where the pages are, and the books behind them."""

    address: str
    books: Books
    folder: Path


def sample_company(shared: Path) -> Path:
    """Make the sample company's books once for all test processes, and give their folder."""
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = shared / "done"
        if not done.exists():
            code, _, err = run(shared, "demo")
            assert code == 0, err
            done.touch()
    return shared / "demo"


@contextmanager
def served(folder: Path, *, now: datetime = NOW) -> Generator[Served]:
    """Serve the project in a folder on a free port, in a thread of this process."""
    context = Context(now=now, environment={}, stdout=StringIO(), stderr=StringIO(), cwd=folder)
    books = open_books(settings(context), now=now)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with open_calls(books) as calls:
        api = fronted(books, calls, clock=lambda: now, local=True)
        app = with_pages(api, clock=lambda: now, organisation=books.settings.organisation)
        config = uvicorn.Config(app, log_level="warning", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield Served(address, books, folder)
        finally:
            server.should_exit = True
            thread.join()
    books.close()


@contextmanager
def served_sample(shared: Path, own: Path) -> Generator[Served]:
    """Serve a copy of the sample company that this test may change."""
    shutil.copytree(sample_company(shared), own / "demo", ignore=shutil.ignore_patterns("*.sock"))
    with served(own / "demo") as found:
        yield found
