"""Serves the answers over HTTP, and the books to the command line, until it is stopped.

It listens on this machine only, and then needs no key. Elsewhere it only listens when a key
was made with `costper keys add`.

Examples:
  costper serve
  costper serve --port 8400
  costper serve --host 0.0.0.0
"""

from __future__ import annotations

import argparse
import ipaddress
import signal
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.priority import switch_often
from costper.errors import UserError

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.store.books import Books

HOST = "127.0.0.1"
PORT = 8321
LAST_PORT = 65535


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a host and a port."""
    parser.add_argument("--host", default=HOST, help=f"where to listen, else {HOST}")
    parser.add_argument(
        "--port", type=port, default=PORT, help=f"the port, else {PORT}; 0 picks a free one"
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Serve until stopped."""
    switch_often()
    with opened(context, behind=True) as books:
        return serve(books, args.host, args.port, context)


def serve(books: Books, host: str, port: int, context: Context) -> int:
    """Serve books that are open already.

    Raises:
        UserError: the port is taken, or others could reach it and no key is in force.
    """
    import uvicorn

    from costper.api.app import fronted
    from costper.api.charged import charged
    from costper.api.replies import Replies
    from costper.api.warm import kept_warm
    from costper.cli.lending import lent
    from costper.pipeline.answer.state import States
    from costper.pipeline.calls.road import open_calls
    from costper.web.server import with_pages

    local = is_local(host)
    if not local:
        _need_key(books, host)
    replies = Replies(States(books))
    with (
        _listening(host, port) as listener,
        open_calls(books) as calls,
        lent(books, books.settings.store_path / "serve.sock", calls),
        kept_warm(replies, _now),
        charged(books, _now),
    ):
        api = fronted(books, calls, clock=_now, local=local, replies=replies)
        app = with_pages(api, clock=_now, organisation=books.settings.organisation)
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, lifespan="off", server_header=False
        )
        shown = f"[{host}]" if ":" in host else host
        server = uvicorn.Server(config)
        _stop_kindly(lambda: setattr(server, "should_exit", True))
        context.say(f"costper serves at http://{shown}:{listener.getsockname()[1]}/")
        context.stdout.flush()
        server.run(sockets=[listener])
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def is_local(host: str) -> bool:
    """Say whether only this machine can reach a host.

    >>> is_local("127.0.0.1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _need_key(books: Books, host: str) -> None:
    from costper.store.keys import list_keys

    if not any(not key.revoked_at for key in list_keys(books.control)):
        raise UserError(
            f"listening on {host} without a key would show the books to everyone there",
            hint="make a key first: costper keys add NAME",
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            f"cannot listen on {host} port {port}: {reason}", hint="choose another with --port"
        ) from error
    # Without it the kernel holds small replies back for 40 ms; connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _stop_kindly(stop: Callable[[], None]) -> None:
    """Let SIGTERM and Ctrl-C end the server in order, so that the books are closed.

    uvicorn has handlers of its own while it runs, and hands the signal on to these when it ends.
    """

    def handle(_number: int, _frame: FrameType | None) -> None:
        stop()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handle)
        signal.signal(signal.SIGINT, handle)


def port(text: str) -> int:
    """Read a port."""
    if text.isdecimal() and int(text) <= LAST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to {LAST_PORT}")
