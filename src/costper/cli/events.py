"""Tells of LLM calls from files: JSON, an array of it, or one event on each line; gzip too.

What is accepted is durable and in the books when the verb ends. Events whose externalRequestId is
known already are accepted too and change nothing, so a file may be sent again; it is told how many
they are. Events that cannot be taken are told by file and line (or place in an array, from 1), the
others are kept, and the exit code is 1. A warning is about an event that is kept.

Examples:
  costper events send calls.ndjson
  costper events send exported/june.json.gz exported/july.json.gz
  zcat calls.ndjson.gz | costper events send -
  costper events send --format litellm spend.jsonl
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfileobj
from time import monotonic, sleep, time_ns
from typing import TYPE_CHECKING

from costper.cli.asking import is_served
from costper.cli.books import opened
from costper.cli.context import Context
from costper.errors import BusyError, CostperError, UserError

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.events.batch import Batch, Remark
    from costper.events.event import Event
    from costper.pipeline.calls.files import Part
    from costper.pipeline.calls.road import Calls
    from costper.pipeline.calls.seen import Seen
    from costper.store.books import Books

STDIN = "-"
PATIENCE_SECONDS = 600
"""So long a verb that has the books is waited for."""

WAIT_SECONDS = 0.2
WAITING = 4
"""Parts that may be on their way to the disk while the next one is read."""

SHOWN = 100
"""Refused events and warnings told of one file; more are counted."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept an action, files and their format."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    send = actions.add_parser(
        "send",
        help="tell of the calls in files",
        description="Accepted means taken durably: events whose ids are known change nothing.",
    )
    send.add_argument(
        "files", nargs="+", metavar="FILE", help=f"{STDIN} stands for the standard input"
    )
    send.add_argument(
        "--format",
        choices=("events", "litellm"),
        default="events",
        help="what the files hold: our events when left out, or what LiteLLM logs",
    )
    send.add_argument("--piped", metavar="FILE", help=argparse.SUPPRESS)


def run(args: argparse.Namespace, context: Context) -> int:
    """Send."""
    files: Sequence[str] = args.files
    if STDIN in files and args.piped is None:
        return _piped(args, context)
    total = Sent()
    from costper.pipeline.calls.seen import Seen

    with _in_turn(context) as books, _taking(context, books) as calls:
        for name in files:
            path = args.piped if name == STDIN else name
            seen = Seen(books, calls.intake)
            sending = Sending(
                name=name, calls=calls, context=context, format=args.format, seen=seen
            )
            sent = sending.send(context.cwd / path)
            context.say(f"{name}: {sent.text()}")
            total += sent
    if len(files) > 1:
        context.say(f"all {len(files)} files: {total.text()}")
    return 1 if total.refused else 0


@dataclass(frozen=True, slots=True)
class Sent:
    """How many events were taken, how many not, and how often one that was taken is doubtful.

    `known` of those taken had an id that was known already.
    """

    accepted: int = 0
    refused: int = 0
    warnings: int = 0
    known: int = 0

    def __add__(self, other: Sent) -> Sent:
        return Sent(
            self.accepted + other.accepted,
            self.refused + other.refused,
            self.warnings + other.warnings,
            self.known + other.known,
        )

    def text(self) -> str:
        """Say it."""
        known = f" ({self.known:,} known already)" if self.known else ""
        told = f"{self.accepted:,} accepted{known}, {self.refused:,} refused"
        if not self.warnings:
            return told
        return f"{told}, {self.warnings:,} {'warning' if self.warnings == 1 else 'warnings'}"


@dataclass(slots=True, kw_only=True)
class Sending:
    """One file on its way."""

    name: str
    calls: Calls
    context: Context
    format: str
    seen: Seen
    shown: int = 0
    waiting: deque[Future[None]] = field(default_factory=deque[Future[None]])

    def send(self, path: Path) -> Sent:
        """Send a file, part by part, and wait until all of it is durable."""
        from costper.pipeline.calls.files import parts_of

        total = Sent()
        for part in parts_of(path):
            batch = self._read(part)
            self._tell(part, batch)
            self.seen.add(batch.events)
            self._offer(batch.events)
            warnings = sum(remark.count for remark in batch.warnings.values())
            total += Sent(len(batch.events), len(batch.rejected), warnings)
        while self.waiting:
            self.waiting.popleft().result()
        total += Sent(known=self.seen.known() or 0)
        if self.shown > SHOWN:
            self.context.tell(f"{self.name}: and {self.shown - SHOWN:,} more")
        return total

    def _read(self, part: Part) -> Batch:
        from costper.events.litellm import read_litellm
        from costper.events.payload import read_payload
        from costper.pipeline.calls.accept import accept

        read = read_litellm if self.format == "litellm" else read_payload
        try:
            batch = read(part.body, most=len(part.body))
        except CostperError as error:
            where = f"{self.name}:{part.place(0)}" if part.lines else self.name
            raise UserError(error.message, where=where, hint=error.hint) from error
        return accept(batch, self.calls.desk, now_us=_now_us())

    def _offer(self, events: Sequence[Event]) -> None:
        """Hand events over, and wait where too many are on their way."""
        from costper.pipeline.calls.intake import FullError

        if len(self.waiting) >= WAITING:
            self.waiting.popleft().result()
        while events:
            try:
                self.waiting.append(self.calls.intake.offer(events, _now_us()))
            except FullError as full:
                sleep(full.retry_after_s)
            else:
                return

    def _tell(self, part: Part, batch: Batch) -> None:
        refused = [("", remark) for remark in batch.rejected]
        for word, remark in (*refused, *(("warning: ", one) for one in batch.warnings.values())):
            self.shown += 1
            if self.shown <= SHOWN:
                where = f"{self.name}:{part.place(remark.index)}"
                self.context.tell(_told(f"{where}: {word}", remark))


def _told(where: str, remark: Remark) -> str:
    many = f" ({remark.count} events)" if remark.count > 1 else ""
    hint = f"\n  hint: {remark.hint}" if remark.hint else ""
    return f"{where}{remark.reason}{many}{hint}"


@contextmanager
def _in_turn(context: Context) -> Generator[Books]:
    """Give the books, after another verb that has them for a while, such as another `send`.

    A server keeps them for good: BusyError then, and main asks it.
    """
    until, told = monotonic() + PATIENCE_SECONDS, False
    with ExitStack() as stack:
        while True:
            try:
                books = stack.enter_context(opened(context))
                break
            except BusyError as busy:
                if is_served(Path(busy.where)) or monotonic() > until:
                    raise
                if not told:
                    context.tell(f"{busy.message}; waiting for it to end")
                told = True
                sleep(WAIT_SECONDS)
        yield books


@contextmanager
def _taking(context: Context, books: Books) -> Generator[Calls]:
    """Give what takes calls: the running server's, or one of our own."""
    if context.calls is not None:
        yield context.calls
        return
    from costper.pipeline.calls.road import open_calls

    with open_calls(books) as calls:
        yield calls


def _now_us() -> int:
    return time_ns() // 1_000


def _piped(args: argparse.Namespace, context: Context) -> int:
    """Keep the standard input in a file: a running server that reads it has no other way to it."""
    from costper.cli.main import main

    if context.books is not None or args.files.count(STDIN) > 1:
        raise UserError(f"{STDIN} cannot be read here", hint="name a file")
    with tempfile.NamedTemporaryFile(prefix="costper-", suffix=".piped") as kept:
        copyfileobj(sys.stdin.buffer, kept)
        kept.flush()
        words = ["events", "send", *args.files, "--format", args.format, "--piped", kept.name]
        return main(words, context)
