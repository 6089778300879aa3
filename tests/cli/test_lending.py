"""Verbs that run in a server while it ends."""

import argparse
import socket
import threading
from pathlib import Path

import pytest
from tests.cli.world import context

from costper.cli import team
from costper.cli.asking import Again, ask_server
from costper.cli.context import Context
from costper.cli.lending import lent
from costper.cli.settings import settings
from costper.store.books import open_books

LONG = "SELECT SUM(a.range * b.range) AS s FROM range(200000) a, range(200000) b WHERE a.range > 7"


def test_a_verb_is_cut_short_before_the_books_are_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def ask_long(_: argparse.Namespace, world: Context) -> int:
        assert world.books is not None
        begun.set()
        world.books.marts.query(LONG)
        return 0

    monkeypatch.setattr(team, "run", ask_long)
    (tmp_path / "costper.yaml").write_text("organisation: Shop\ncurrency: USD\n")
    world, codes = context(tmp_path), list[int | Again | None]()
    books = open_books(settings(world), now=world.now)
    door = books.settings.store_path / "serve.sock"
    with lent(books, door):
        client = threading.Thread(
            target=lambda: codes.append(ask_server(["team"], door.with_name("b"), world))
        )
        client.start()
        assert begun.wait(60)
    books.close()
    client.join()
    assert codes == [1]
    assert "costper stopped before it was done" in told(world)


@pytest.mark.parametrize("answer", [b"", b"out 5\nab", b"ou"])
def test_a_server_that_is_gone_under_a_verb_is_told(tmp_path: Path, answer: bytes) -> None:
    world, codes = context(tmp_path), list[int | Again | None]()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / "serve.sock"))
        listener.listen()
        client = threading.Thread(
            target=lambda: codes.append(ask_server(["team"], tmp_path / "b", world))
        )
        client.start()
        peer, _ = listener.accept()
        peer.recv(1)  # what is left unread makes the end a reset
        peer.sendall(answer)
        peer.close()
        client.join()
    assert codes == [1]
    assert told(world) == "the server stopped before it was done\n"


def told(world: Context) -> str:
    world.stderr.seek(0)
    return world.stderr.read()
