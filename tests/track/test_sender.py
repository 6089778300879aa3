"""Records reach the server once, whatever it does, and the caller never waits for it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.track.doors import ACCEPTED, Answer, Door, door, said

from costper.track.sender import Limits, Sender
from costper.track.tape import Tape

URL = "https://api.openai.com/v1/chat/completions"
QUICK = Limits(gather_s=0)


def put(sender: Sender, *numbers: int) -> None:
    """Record calls whose model is their number."""
    for number in numbers:
        tape = Tape(URL, "POST", sender.put)
        tape.id = f"test-{number}"
        tape.request = b'{"model": "%d"}' % number
        tape.end("failed")


def models(costper_server: Door) -> list[int]:
    return [int(event["model"]) for event in costper_server.events]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def test_calls_wait_on_disk_and_are_delivered_once_after_a_restart(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    away = Sender(url, "", tmp_path, QUICK)
    put(away, 1, 2)
    assert not away.flush(5)
    put(away, 3)
    assert not away.flush(5)
    assert away.stats().spooled == 3
    assert away.stats().dropped == 0
    with door(ACCEPTED, port=port) as server:
        again = Sender(url, "", tmp_path, QUICK)
        assert again.flush(5)
        assert again.flush(5)
    assert sorted(models(server)) == [1, 2, 3]
    assert list(tmp_path.iterdir()) == []


def test_what_waits_on_disk_is_nobody_elses_to_read(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    away = Sender("http://127.0.0.1:9", "", folder, QUICK)
    put(away, 1)
    assert not away.flush(5)
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_full_queue_drops_and_counts(tmp_path: Path) -> None:
    with hanging() as url:
        sender = Sender(url, "", tmp_path, Limits(records=5, gather_s=60))
        put(sender, *range(9))
        assert sender.stats().recorded == 9
        assert sender.stats().dropped == 4


def test_records_too_large_together_are_dropped(tmp_path: Path) -> None:
    sender = Sender("http://127.0.0.1:9", "", tmp_path, Limits(record_bytes=40, gather_s=60))
    put(sender, *range(9))
    assert sender.stats().dropped == 7


def test_a_full_disk_limit_drops_and_counts(tmp_path: Path) -> None:
    sender = Sender("http://127.0.0.1:9", "", tmp_path, Limits(spool_bytes=1_000, gather_s=0))
    put(sender, *range(20))
    assert not sender.flush(5)
    assert sender.stats().dropped == 20
    assert sender.stats().spooled == 0


@pytest.mark.parametrize(
    "answer",
    [
        Answer(status=500),
        Answer(status=503, headers={"Retry-After": "30"}),
        Answer(status=429, headers={"Retry-After": "30"}),
        Answer(status=401),
        Answer((b"<html>log in</html>",), 200, "text/html"),
        Answer(status=302, headers={"Location": "http://127.0.0.1:9/"}),
        Answer(status=429, headers={"Retry-After": "soon"}),
        Answer(status=503, headers={"Retry-After": "9" * 400}),
    ],
)
def test_a_server_that_does_not_take_calls_gets_them_later(tmp_path: Path, answer: Answer) -> None:
    with door(ACCEPTED) as server:
        server.answers = [answer]
        sender = Sender(server.url, "", tmp_path, QUICK)
        put(sender, 1)
        assert not sender.flush(5)
        assert sender.stats().spooled == 1
        later = Sender(server.url, "", tmp_path, QUICK)
        assert later.flush(5)
        assert later.stats().delivered == 1


def test_while_the_server_asks_for_time_it_is_left_alone(tmp_path: Path) -> None:
    with door(ACCEPTED) as server:
        server.answers = [Answer(status=503, headers={"Retry-After": "600"})]
        sender = Sender(server.url, "", tmp_path, QUICK)
        for number in range(5):
            put(sender, number)
            assert not sender.flush(5)
        assert len(server.headers) == 1


@pytest.mark.parametrize("body", [b"", b"not json", b"[1]", b'{"rejected": "x"}', b"\xff" * 9])
def test_an_odd_reply_of_a_server_that_accepts_is_no_trouble(tmp_path: Path, body: bytes) -> None:
    with door(Answer((body,), 202)) as server:
        sender = Sender(server.url, "", tmp_path, QUICK)
        put(sender, 1)
        assert sender.flush(5)
        assert sender.stats().delivered == 1


@contextmanager
def hanging(first: bytes = b"") -> Generator[str]:
    """Serve nobody: connections are taken, and get `first` and no more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        taken: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    taken.append(listening.accept()[0])
                    taken[-1].sendall(first)
                except OSError:
                    return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        for each in taken:
            each.close()


@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 202 Accepted\r\nContent-Len", b"junk\r\n\r\n"])
def test_a_server_that_hangs_holds_calls_no_longer_than_allowed(
    tmp_path: Path, first: bytes
) -> None:
    with hanging(first) as url:
        sender = Sender(url, "", tmp_path, Limits(gather_s=0, post_s=1))
        put(sender, 1)
        assert not sender.flush(20)
        assert sender.stats().spooled == 1


def test_at_exit_what_a_hanging_server_holds_is_written_down(tmp_path: Path) -> None:
    with hanging() as url:
        sender = Sender(url, "", tmp_path, Limits(gather_s=0, post_s=600, exit_s=0.2))
        put(sender, 1)
        sender.close()
        waiting = Sender("http://127.0.0.1:9", "", tmp_path, QUICK)
        assert not waiting.flush(0)
        assert b'"test-1"' in b"".join(file.read_bytes() for file in tmp_path.iterdir())


def test_one_bad_event_does_not_hold_the_others(tmp_path: Path) -> None:
    refuse = said({"title": "bad body"}, 400)
    with door(ACCEPTED) as server:
        # The four together, the first two, the first (refused), the second, the last two.
        server.answers = [refuse, refuse, refuse, ACCEPTED, ACCEPTED]
        sender = Sender(server.url, "", tmp_path, Limits(gather_s=60))
        put(sender, 1, 2, 3, 4)
        assert sender.flush(5)
        assert sender.stats().refused == 1
        assert sender.stats().delivered == 3


def test_what_the_server_refuses_by_index_is_counted(tmp_path: Path) -> None:
    rejected = {"accepted": 1, "rejected": [{"index": 0, "reason": "model is missing"}]}
    with door(said(rejected, 202)) as server:
        sender = Sender(server.url, "", tmp_path, Limits(gather_s=60))
        put(sender, 1, 2)
        assert sender.flush(5)
        assert (sender.stats().delivered, sender.stats().refused) == (1, 1)


def test_what_the_server_refuses_as_a_whole_is_not_sent_again(tmp_path: Path) -> None:
    rejected = {"title": "refused", "rejected": [{"index": at, "reason": "no"} for at in (0, 1)]}
    with door(said(rejected, 422)) as server:
        sender = Sender(server.url, "", tmp_path, Limits(gather_s=60))
        put(sender, 1, 2)
        assert sender.flush(5)
        assert (sender.stats().delivered, sender.stats().refused) == (0, 2)
        assert len(server.headers) == 1


def test_a_key_is_sent_and_bodies_are_packed(tmp_path: Path) -> None:
    with door(ACCEPTED) as server:
        sender = Sender(server.url, "secret", tmp_path, QUICK)
        put(sender, 1)
        assert sender.flush(5)
        assert server.headers[0]["Authorization"] == "Bearer secret"
        assert server.headers[0]["Content-Encoding"] == "gzip"


def test_many_calls_go_in_batches(tmp_path: Path) -> None:
    with door(ACCEPTED) as server:
        sender = Sender(server.url, "", tmp_path, Limits(gather_s=60))
        put(sender, *range(1_200))
        assert sender.flush(20)
        assert sorted(models(server)) == list(range(1_200))
        assert len(server.headers) == 3


def test_threads_put_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    with door(ACCEPTED) as server:
        sender = Sender(server.url, "", tmp_path, QUICK)
        threads = [
            threading.Thread(target=put, args=(sender, *range(first, first + 200)))
            for first in range(0, 1_600, 200)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sender.flush(20)
        assert sorted(models(server)) == list(range(1_600))


def test_a_forked_process_tells_its_own_calls_only(tmp_path: Path) -> None:
    script = f"""
import os, sys
from costper.track.client import _sender
from costper.track.tape import Tape
from pathlib import Path
sender = _sender(sys.argv[1], "", Path({str(tmp_path)!r}))
def put(number):
    tape = Tape({URL!r}, "POST", sender.put)
    tape.id, tape.request = f"test-{{number}}", b'{{"model": "%d"}}' % number
    tape.end("failed")
put(1)
child = os.fork()
put(3 if child else 2)
if child:
    os.waitpid(child, 0)
else:
    assert sender.flush(10)
    os._exit(0)
"""
    with door(ACCEPTED) as server:
        run(script, server.url)
        assert sorted(models(server)) == [1, 2, 3]


def test_a_program_that_ends_at_once_has_told_its_calls(tmp_path: Path) -> None:
    script = """
import sys
import costper
from openai import OpenAI
client = costper.track(OpenAI(api_key="none", base_url=sys.argv[2], max_retries=0), url=sys.argv[1])
try:
    client.chat.completions.create(model="1", messages=[])
except Exception:
    pass
"""
    with door(ACCEPTED) as server, door(Answer(status=500)) as provider:
        run(script, server.url, provider.url, COSTPER_SPOOL=str(tmp_path))
        assert models(server) == [1]


def run(script: str, *words: str, **environment: str) -> None:
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *words],
        check=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_the_clients_of_a_process_do_not_wait_for_telling(tmp_path: Path) -> None:
    """Putting works while the thread hangs in the network, and after it."""
    with hanging() as url:
        sender = Sender(url, "", tmp_path, Limits(gather_s=0, post_s=1, records=50))
        put(sender, *range(40))
        assert not sender.flush(0)
        put(sender, *range(40, 200))
        stats: Any = sender.stats()
        assert stats.recorded == 200
