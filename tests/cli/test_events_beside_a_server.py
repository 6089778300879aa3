"""`costper events send` beside a running server: its intake takes them, by the same socket."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.cli.test_events import calls, event

SERVE = [sys.executable, "-m", "costper", "serve", "--port", "0"]
SEND = [sys.executable, "-m", "costper", "events", "send"]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text("organisation: Shop\ncurrency: USD\n")
    return tmp_path


@pytest.fixture
def url(shop: Path) -> Iterator[str]:
    with subprocess.Popen(SERVE, cwd=shop, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
        server.terminate()


def send(shop: Path, *words: str, piped: str = "") -> tuple[int, str, str]:
    ran = subprocess.run(
        [*SEND, *words], cwd=shop, input=piped, capture_output=True, text=True, check=False
    )
    return ran.returncode, ran.stdout, ran.stderr


def test_files_and_the_standard_input_go_through_the_server(shop: Path, url: str) -> None:
    (shop / "lines.ndjson").write_text(f"{event(1)}\n{event(2, status='okay')}\n")
    code, out, err = send(shop, "lines.ndjson")
    assert (code, out) == (1, "lines.ndjson: 1 accepted, 1 refused\n")
    assert err.startswith("lines.ndjson:2: unknown status 'okay'")
    assert send(shop, "-", piped=event(3)) == (0, "-: 1 accepted, 0 refused\n", "")
    reply = httpx2.post(f"{url}api/v1/events", json=json.loads(event(4)))
    assert reply.status_code == 202


def test_what_the_server_acknowledged_is_in_the_books_when_it_ended(shop: Path) -> None:
    with subprocess.Popen(SERVE, cwd=shop, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        httpx2.post(f"{url}api/v1/events", json=[json.loads(event(n)) for n in range(5)])
        send(shop, "-", piped=event(7))
        server.terminate()
    assert server.returncode == 0
    assert calls(shop) == ["r-0", "r-1", "r-2", "r-3", "r-4", "r-7"]
