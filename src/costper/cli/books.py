"""Opens the books for a verb: this process's own, or those a running server lends."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from costper.cli.context import Context
from costper.cli.priority import made_behind
from costper.errors import SettingError

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.store.books import Books


@contextmanager
def opened(context: Context, *, behind: bool = False) -> Generator[Books]:
    """Give the books, and close them afterwards unless they were lent.

    `behind` makes the engine's helping threads stand back behind those who ask.

    Raises:
        SettingError: costper.yaml is not there, or something in it is wrong; or the books were
            lent by a server that goes by another file.
        BusyError: another process holds the books; main then asks that process.
    """
    if context.books is not None:
        _check_file(context, context.books)
        yield context.books
        return
    from costper.cli.settings import settings
    from costper.store.books import open_books

    found = settings(context)

    def begin() -> Books:
        return open_books(found, now=context.now)

    books = made_behind(begin) if behind else begin()
    try:
        yield books
    finally:
        books.close()


def _check_file(context: Context, books: Books) -> None:
    """Refuse a file that --config names and the server does not go by."""
    named, served = context.config, books.settings.path
    if named is None or not (context.cwd / named).exists() or not served.exists():
        return
    if not (context.cwd / named).samefile(served):
        raise SettingError(
            f"the server that holds these books goes by {served}",
            where=str(named),
            hint="name that file, or stop the server first",
        )
