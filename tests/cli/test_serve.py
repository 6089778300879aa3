"""A server of its own: HTTP, the command line through its socket, and a clean end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import httpx2
import pytest
from tests.cli.world import context
from tests.ledger import Ledger

from costper.cli.asking import ask_server
from costper.cli.main import main
from costper.cli.serve import is_local, serve
from costper.errors import UserError

YAML = """organisation: Acme
currency: USD
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text(YAML, encoding="utf-8")
    ledger = Ledger.at(tmp_path)
    ledger.every_day(date(2026, 7, 1), 142, "100").payer("acme", "9000").keep()
    ledger.close()
    return tmp_path


class Server:
    """A `costper serve` process and where it listens."""

    def __init__(self, folder: Path) -> None:
        words = [sys.executable, "-m", "costper", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("costper serves at "), line + self.end()[1]
        self.url = line.split()[-1]

    def end(self) -> tuple[int, str]:
        """Stop it and give its exit code and what it complained of."""
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    made = Server(folder)
    yield made
    made.end()


def costper(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "costper", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_server_answers_http_and_the_command_line_and_ends_cleanly(
    folder: Path, server: Server
) -> None:
    over_http = httpx2.get(f"{server.url}api/v1/costs/customers?days=7").json()
    assert over_http["rows"][0]["cost"] == "700.00"
    asked = costper(folder, "customer", "--days", "7", "--json")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert json.loads(asked.stdout)["rows"] == over_http["rows"]
    wrong = costper(folder, "customer", "acm")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean 'acme'?" in wrong.stderr
    second = costper(folder, "serve", "--port", "0")
    assert second.returncode == 2
    assert "a running server has the books" in second.stderr
    assert server.end() == (0, "")
    assert not (folder / ".costper" / "serve.sock").exists()
    alone = costper(folder, "customer", "--days", "7", "--json")
    assert json.loads(alone.stdout)["rows"] == over_http["rows"]


def test_the_socket_is_its_owners_alone_and_refuses_nonsense(folder: Path, server: Server) -> None:
    assert server.url
    door = folder / ".costper" / "serve.sock"
    assert door.stat().st_mode & 0o777 == 0o600
    deep = b"[" * 100_000 + b"\n"
    for nonsense in (
        b"hello\n",
        b"{}\n",
        b'{"argv": 3, "cwd": "/"}\n',
        b"[]\n",
        deep,
        b'{"argv": ["--plain", "serve", "--port", "0"], "cwd": "/"}\n',
        b'{"argv": ["customer", "\\udcff"], "cwd": "/"}\n',
    ):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.connect(str(door))
            peer.sendall(nonsense)
            with peer.makefile("rb") as answer:
                text = answer.read()
        assert text.endswith(b"exit 2\n"), text


def test_headers_without_end_are_refused_and_long_bodies_are_not(server: Server) -> None:
    there = httpx2.URL(server.url)
    assert there.port is not None
    with socket.create_connection((there.host, there.port), timeout=30) as peer:
        peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 70_000)
        assert peer.recv(1 << 10).startswith(b"HTTP/1.1 431 ")
    body = (b"[" + b" " * (1 << 20) + b"]" for _ in range(1))
    for content in (b"[" + b" " * (1 << 20) + b"]", body):
        reply = httpx2.post(f"{server.url}api/v1/events", content=content)
        assert reply.status_code < 500
        assert reply.status_code != 431


def test_a_server_that_was_killed_is_no_obstacle(folder: Path, server: Server) -> None:
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(timeout=30)
    assert (folder / ".costper" / "serve.sock").exists()
    assert costper(folder, "team", "--days", "7").returncode == 0
    again = Server(folder)
    assert again.end() == (0, "")


def test_nobody_at_the_door_is_not_an_answer(tmp_path: Path) -> None:
    assert ask_server(("team",), tmp_path / "books.duckdb", context(tmp_path)) is None


@pytest.fixture
def project(tmp_path: Path) -> Path:
    assert main(("init",), context(tmp_path)) == 0
    return tmp_path


def test_listening_elsewhere_without_a_key_is_refused(project: Path) -> None:
    with pytest.raises(UserError, match="costper keys add"):
        serve("0.0.0.0", 0, context(project))  # noqa: S104 - it is refused


def test_a_taken_port_is_wrong_use(project: Path) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(UserError, match="cannot listen"),
    ):
        serve("127.0.0.1", taken.getsockname()[1], context(project))


def test_a_folder_without_settings_gets_its_first_ones(tmp_path: Path) -> None:
    server = Server(tmp_path)
    assert "Welcome to costper" in httpx2.get(server.url).text
    assert server.end()[0] == 0
    assert (tmp_path / "costper.yaml").exists()


def test_a_hangup_makes_the_server_read_its_settings_again(project: Path) -> None:
    server = Server(project)
    path = project / "costper.yaml"
    path.write_text(path.read_text().replace("My company", "Renamed & Sons"))
    server.process.send_signal(signal.SIGHUP)
    assert server.process.stdout is not None
    assert server.url in server.process.stdout.readline()
    assert "Renamed &amp; Sons" in httpx2.get(server.url).text
    path.write_text("organisation: [")
    server.process.send_signal(signal.SIGHUP)
    assert "Renamed &amp; Sons" in httpx2.get(server.url).text
    assert server.end()[0] == 0


def posted(server: Server, path: str) -> httpx2.Response:
    headers = {"Origin": server.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
    return httpx2.post(f"{server.url}{path}", data={"back": "/"}, headers=headers, timeout=60)


def names(server: Server) -> str:
    return httpx2.get(server.url, timeout=60).text


@pytest.mark.parametrize(
    ("said", "file", "told"),
    [
        ("llm: {prices: [nope.yaml]}", "", "nope.yaml"),
        ("llm: {tenants: {file: tenants.csv}}", "tenants.csv", "no CSV file in UTF-8"),
    ],
)
def test_settings_that_name_a_broken_file_are_refused_and_the_old_go_on(
    tmp_path: Path, said: str, file: str, told: str
) -> None:
    path = tmp_path / "costper.yaml"
    path.write_text(YAML)
    if file:
        (tmp_path / file).write_bytes(b"tenant,customer\n\xff,acme\n")
    server = Server(tmp_path)
    path.write_text(f"{YAML.replace('Acme', 'Renamed')}{said}\n")
    answer = posted(server, "reload")
    assert (answer.status_code, told in answer.text) == (409, True)
    server.process.send_signal(signal.SIGHUP)
    assert server.process.stderr is not None
    assert "costper.yaml was not read again" in server.process.stderr.readline()
    assert "Acme" in names(server)
    assert server.end()[0] == 0


def test_settings_whose_books_cannot_be_opened_give_way_to_the_former(tmp_path: Path) -> None:
    path = tmp_path / "costper.yaml"
    path.write_text(YAML)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "books.duckdb").write_bytes(b"no books" * 1000)
    server = Server(tmp_path)
    path.write_text(f"{YAML.replace('Acme', 'Renamed')}store: {{path: other}}\n")
    server.process.send_signal(signal.SIGHUP)
    assert server.process.stdout is not None
    assert server.url in server.process.stdout.readline()
    assert "Acme" in names(server)
    code, errors = server.end()
    assert (code, "the former ones are again" in errors) == (0, True)


def test_a_storm_of_hangups_is_survived(tmp_path: Path) -> None:
    server = Server(tmp_path)
    for _ in range(200):
        server.process.send_signal(signal.SIGHUP)
        time.sleep(0.002)
    assert "Welcome to costper" in names(server)
    assert server.end()[0] == 0


@pytest.mark.parametrize("delay", [0, 0.1, 0.3, 0.6, 1.2])
def test_a_stop_soon_after_a_hangup_ends_the_server(tmp_path: Path, delay: float) -> None:
    server = Server(tmp_path)
    server.process.send_signal(signal.SIGHUP)
    time.sleep(delay)
    assert server.end()[0] == 0


def test_the_sample_never_takes_the_place_of_books_that_hold_something(
    folder: Path, server: Server
) -> None:
    answer = posted(server, "first-run/sample")
    assert (answer.status_code, "empty ones only" in answer.text) == (409, True)
    assert not (folder / "demo").exists()


def test_names_and_loopback_addresses_are_local() -> None:
    assert [is_local(host) for host in ("::1", "127.0.0.9", "10.0.0.1", "example.org")] == [
        True,
        True,
        False,
        False,
    ]
