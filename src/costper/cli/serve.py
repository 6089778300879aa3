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
import gc
import ipaddress
import socket
import time
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from costper.cli.context import Context
from costper.cli.priority import made_behind, spare_what_stays, switch_often
from costper.cli.signals import hangups_heard, hear_stops
from costper.cli.turn import PAUSE_SECONDS, Turns
from costper.config.files import FILE_NAME, find
from costper.config.settings import Settings
from costper.errors import BusyError, SettingError, UserError

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    import uvicorn

    from costper.pipeline.calls.road import Calls
    from costper.store.books import Books
    from costper.web.gateway import App

HOST = "127.0.0.1"
PORT = 8321
GRACE_SECONDS = 10
"""How long who was being answered may still listen when the server ends."""

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
    return serve(args.host, args.port, _begun(context))


def serve(host: str, port: int, context: Context) -> int:
    """Serve until stopped; begin again with what is in costper.yaml when that is asked for.

    The socket stays open meanwhile: who calls then waits a moment.

    Raises:
        UserError: the port is taken, or others could reach it and no key is in force.
    """
    with _listening(host, port) as listener:
        turns = Turns(context)
        with hangups_heard(turns.wait, turns.begin_again):
            turns.run(lambda turn: _serve(host, listener, context, turns, turn.settings))
    return 0


def _serve(
    host: str, listener: socket.socket, context: Context, turns: Turns, settings: Settings
) -> None:
    """Serve what one costper.yaml said."""
    import uvicorn

    from costper.api.app import fronted
    from costper.api.charged import charged
    from costper.api.replies import Replies
    from costper.api.warm import kept_warm
    from costper.cli.gate import Gate
    from costper.cli.lending import lent
    from costper.pipeline.answer.state import States
    from costper.pipeline.calls.road import open_calls
    from costper.pipeline.data_sources.job import stopped_with
    from costper.web.server import with_pages

    local = is_local(host)
    with closing(_opened(settings, turns)) as books:
        if not local:
            _need_key(books, host)
        replies = Replies(States(books))
        gate = Gate(
            ending=turns.ending,
            changed=turns.changed,
            working=lambda: "the sync" if books.activity.running else "",
            begin_again=turns.begin_again,
        )
        with (
            open_calls(books) as calls,
            lent(books, books.settings.store_path / "serve.sock", calls, gate),
            kept_warm(replies, _now),
            charged(books, _now),
            stopped_with(books),
        ):
            api = fronted(books, calls, clock=_now, local=local, replies=replies)
            name = books.settings.organisation
            app = with_pages(api, clock=_now, organisation=name, hosting=turns.hosting)
            server = uvicorn.Server(_uvicorn(app))
            if turns.held is None:
                hear_stops(turns.stop)
            turns.serves(
                lambda: setattr(server, "should_exit", True),
                lambda: any(one.is_serving() for one in server.servers),
                lambda: _filled(books, calls),
            )
            spare_what_stays()
            _say_where(context, host, listener)
            server.run(sockets=[listener.dup()])  # which closes what it was given
    gc.unfreeze()  # what stayed goes now; the engine complains of what it finds at the end


def _opened(settings: Settings, turns: Turns) -> Books:
    """Open the books; those that were ours a moment ago are waited for.

    Raises:
        BusyError: another process holds them.
    """
    from costper.store.books import open_books

    while True:
        try:
            return made_behind(lambda: open_books(settings, now=_now()))
        except BusyError:  # a verb that ran in between gives them back
            if turns.stopping or settings.store_path != turns.held:
                raise
            time.sleep(PAUSE_SECONDS)


def _filled(books: Books, calls: Calls) -> str:
    from costper.pipeline.filled import what_fills

    what = what_fills(books, calls)
    return f"these books hold {what}: the sample company goes into empty ones only" if what else ""


def _uvicorn(app: App) -> uvicorn.Config:
    import uvicorn

    from costper.cli.headers import LimitedHeaders

    return uvicorn.Config(
        app,
        http=LimitedHeaders,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _say_where(context: Context, host: str, listener: socket.socket) -> None:
    shown = f"[{host}]" if ":" in host else host
    context.say(f"costper serves at http://{shown}:{listener.getsockname()[1]}/")
    context.stdout.flush()


def _begun(context: Context) -> Context:
    """Give a folder without a costper.yaml its first one, so that there is something to open."""
    from costper.cli.init import begin

    if context.config is None:
        try:
            find(context.cwd)
        except SettingError:
            begin(context.cwd / FILE_NAME)
            context.tell(f"wrote a first {FILE_NAME} here; the page says what to do with it")
    return context


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


def port(text: str) -> int:
    """Read a port."""
    if text.isdecimal() and int(text) <= LAST_PORT:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not a port from 0 to {LAST_PORT}")
