"""Puts an ear to a client of OpenAI or Anthropic, and keeps one sender a server."""

from __future__ import annotations

import atexit
import copy
import hashlib
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from costper.track import quiet
from costper.track.context import forked
from costper.track.sender import Limits, Sender, Stats
from costper.track.tap import Ear, Tap, Transport

C = TypeVar("C")

HERE = "http://127.0.0.1:8321"
OFF = frozenset({"off", "0", "no", "false"})
USUAL = {"COSTPER_ENVIRONMENT": "environment", "COSTPER_DATA_MODE": "dataMode"}
"""What a whole process says of its calls, where no label does."""

LIBRARIES = ("openai", "anthropic")


HTTP, TRANSPORT, MOUNTS = "_client", "_transport", "_mounts"
"""Where clients keep their httpx client, and that its connections: unchanged for years in both."""

_senders: dict[tuple[str, str, str], Sender] = {}


def track(
    client: C,
    *,
    url: str = "",
    key: str = "",
    provider: str = "",
    include_usage: bool | None = None,
    spool: str | Path | None = None,
) -> C:
    """Tell costper of every call this client makes; give the same client back.

    Works with OpenAI, AsyncOpenAI, AzureOpenAI, Anthropic, AsyncAnthropic and their kin for
    Bedrock and Vertex, whatever way a call is made: streams, raw responses, helpers, and clients
    copied from this one. Never raises: a client we do not know is given back as it is, with a
    warning in the log `costper.track`. COSTPER_TRACK=off leaves every client as it is.

    Args:
        client: A client of the official libraries.
        url: Where costper serves; COSTPER_URL, else http://127.0.0.1:8321.
        key: A key of `costper keys add`; COSTPER_KEY.
        provider: Who is behind the client's address, where the address does not tell.
        include_usage: Ask for the usage of chat streams, which OpenAI sends only on demand; the
            chunk that answers is hidden. None asks api.openai.com and nobody else, False nobody:
            such streams are estimated.
        spool: Folder for events while costper is away; COSTPER_SPOOL, else below the home.
    """
    try:
        if os.environ.get("COSTPER_TRACK", "").strip().lower() in OFF:
            return client
        where = url or os.environ.get("COSTPER_URL", "") or HERE
        secret = key or os.environ.get("COSTPER_KEY", "")
        sender = _sender(where.rstrip("/"), secret, _folder(spool))
        ear = Ear(
            provider=_library(client),
            named=provider,
            usual={field: said for name, field in USUAL.items() if (said := os.environ.get(name))},
            include_usage=include_usage,
            own=where.rstrip("/") + "/proxy/",
            done=sender.put,
        )
        _listen(client, ear)
    except Exception as error:  # noqa: BLE001 - our failure is never the caller's
        quiet.failed(f"tracking {type(client).__name__}", error)
    return client


def flush(within_s: float = 5) -> bool:
    """Deliver the calls made so far; tell whether all of them are with costper.

    Waits no longer than `within_s`. What could not be delivered waits on disk.
    """
    try:
        until = time.monotonic() + within_s
        left = [
            sender
            for sender in tuple(_senders.values())
            if not sender.flush(max(until - time.monotonic(), 0))
        ]
    except Exception as error:  # noqa: BLE001 - our failure is never the caller's
        quiet.failed("flushing", error)
        return False
    return not left


def stats() -> Stats:
    """Say what became of this process's calls so far, of all servers together."""
    found = [sender.stats() for sender in tuple(_senders.values())]
    return Stats(
        recorded=sum(each.recorded for each in found),
        delivered=sum(each.delivered for each in found),
        dropped=sum(each.dropped for each in found),
        refused=sum(each.refused for each in found),
        spooled=sum(each.spooled for each in found),
    )


def _library(client: object) -> str:
    """Name the library a client, or the class it extends, comes from."""
    for kind in type(client).__mro__:
        top = kind.__module__.partition(".")[0]
        if top in LIBRARIES:
            return top
    raise TypeError("neither a client of openai nor of anthropic")


def _listen(client: object, ear: Ear) -> None:
    """Put a tap before the client's connections, or other ears to one that is there.

    An httpx client of the library's own is changed; one the caller made is copied with its
    connections shared, for others may use it.
    """
    http: object = getattr(client, HTTP)
    transport: Transport = getattr(http, TRANSPORT)
    own = type(http).__module__.partition(".")[0] in LIBRARIES
    if not own and not isinstance(transport, Tap):
        http = copy.copy(http)
        setattr(client, HTTP, http)
    mounts: Mapping[object, Transport | None] = getattr(http, MOUNTS)
    tapped = {key: None if way is None else _tapped(way, ear) for key, way in mounts.items()}
    setattr(http, MOUNTS, tapped)
    setattr(http, TRANSPORT, _tapped(transport, ear))


def _tapped(transport: Transport, ear: Ear) -> Tap:
    return Tap(transport.within if isinstance(transport, Tap) else transport, ear)


def _sender(url: str, key: str, folder: Path) -> Sender:
    if not _senders:
        atexit.register(_close)
        os.register_at_fork(after_in_child=_forked)
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    known = (url, key, str(folder))
    # No lock: a forked process may find it held by a thread it does not have.
    return _senders.setdefault(known, Sender(url, key, folder / name, Limits()))


def _folder(said: str | Path | None) -> Path:
    chosen = said or os.environ.get("COSTPER_SPOOL", "")
    if chosen:
        return Path(chosen)
    state = os.environ.get("XDG_STATE_HOME", "")
    home = Path(state) if state else Path("~/.local/state").expanduser()
    there = next((folder for folder in (home, *home.parents) if folder.exists()), home)
    return home / "costper-track" if os.access(there, os.W_OK) else _temporary()


def _temporary() -> Path:
    """Give a folder that is this user's alone: anybody may have made one of a known name."""
    folder = Path(tempfile.gettempdir()) / f"costper-track-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    known = folder.lstat()
    if known.st_uid == os.getuid() and known.st_mode & 0o077 == 0 and not folder.is_symlink():
        return folder
    return Path(tempfile.mkdtemp(prefix="costper-track-"))


def _close() -> None:
    for sender in tuple(_senders.values()):
        try:
            sender.close()
        except Exception as error:  # noqa: BLE001 - our failure is never the caller's
            quiet.failed("ending", error)


def _forked() -> None:
    forked()
    for sender in tuple(_senders.values()):
        sender.forked()
