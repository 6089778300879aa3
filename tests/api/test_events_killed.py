"""A server that is killed under load keeps every event it acknowledged, and none of them twice."""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.api.calls_world import EVENTS, GOOD
from tests.pipeline.calls.people_world import NOW

from costper.config.load import load_settings
from costper.store.books import open_books

SERVE = [sys.executable, "-m", "costper", "serve", "--port", "0"]
SENDERS, EACH = 4, 7


@dataclass
class Load:
    """Senders that go on until the server is gone, and what was acknowledged to them."""

    url: str
    first: int
    enough: int
    acked: list[str] = field(default_factory=list[str])
    reached: threading.Event = field(default_factory=threading.Event)

    def send(self, sender: int) -> None:
        """Send small batches, one after the other."""
        parts = urlsplit(self.url)
        connection = HTTPConnection(str(parts.hostname), parts.port)
        try:
            for number in range(self.first, self.first + 100_000):
                names = [f"{sender}-{number}-{one}" for one in range(EACH)]
                events = [{**GOOD, "externalRequestId": name} for name in names]
                body, headers = json.dumps(events), {"Content-Type": "application/json"}
                connection.request("POST", EVENTS, body, headers)
                reply = connection.getresponse()
                if json.loads(reply.read()) == {"accepted": EACH, "rejected": [], "warnings": []}:
                    self.acked += names
                if len(self.acked) >= self.enough:
                    self.reached.set()
        except (OSError, HTTPException):
            self.reached.set()
        finally:
            connection.close()


def killed(folder: Path, first: int, enough: int) -> list[str]:
    """Serve, send, and kill the server once so many events are acknowledged; give those."""
    with subprocess.Popen(SERVE, cwd=folder, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        load = Load(server.stdout.readline().split()[-1], first, enough)
        threads = [threading.Thread(target=load.send, args=(n,)) for n in range(SENDERS)]
        for thread in threads:
            thread.start()
        load.reached.wait()
        server.kill()
        for thread in threads:
            thread.join()
    assert len(load.acked) >= enough
    return load.acked


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.soak)])
def test_what_was_acknowledged_survives_a_kill_and_is_counted_once(
    tmp_path: Path, times: int
) -> None:
    config = tmp_path / "costper.yaml"
    config.write_text("organisation: Shop\ncurrency: USD\n", encoding="utf-8")
    acked = [
        name
        for number in range(times)
        for name in killed(tmp_path, number * 100_000, 200 + 300 * number % 1000)
    ]
    with subprocess.Popen(SERVE, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        server.stdout.readline()
        server.terminate()
    settings = load_settings(config, catalogue={}, drivers=("even",), environment={})
    books = open_books(settings, now=NOW)
    rows = books.marts.query("SELECT call_id FROM calls").to_pylist()
    told = books.marts.query("SELECT SUM(calls) AS calls FROM call_hourly").to_pylist()
    books.close()
    names = [row["call_id"] for row in rows]
    assert set(acked) <= set(names)
    assert len(set(names)) == len(names) == told[0]["calls"]
