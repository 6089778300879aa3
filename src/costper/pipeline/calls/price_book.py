"""The prices the books are kept by: the accepted list, with corrections and own prices over it.

catalogue = catalogue_of(books)
rates = rates_of(catalogue, "openai", "gpt-5", "standard", day)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from costper.config.prices import read_prices
from costper.config.settings import Settings
from costper.errors import BooksError, SettingError, SourceError
from costper.model.outcome import Issue
from costper.pipeline.calls.own_prices import overlay_of, own_price_issues
from costper.rating.catalogue import Catalogue
from costper.rating.corrections import CORRECTIONS
from costper.rating.list_file import read_list, written
from costper.rating.prices import bundled, with_overlays
from costper.rating.renewal import PriceChange, changes, renewed
from costper.store.audit import log
from costper.store.books import Books
from costper.store.price_lists import PriceList, keep_list, kept_lists, read_kept

MIB = 1 << 20
LARGEST = 64 * MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A list to be accepted: what it changes from `day` on, and what would be in force."""

    held: Catalogue
    joined: Catalogue
    changes: tuple[PriceChange, ...]
    day: date
    backdated: bool


def catalogue_of(books: Books) -> Catalogue:
    """Give every price the books know: what calls are priced by from now on.

    Raises:
        SettingError: a file of own prices is wrong; all its faults are told.
        BooksError: the accepted list cannot be read.
    """
    return with_own_prices(accepted_list(books.settings.store_path), books.settings)


def with_own_prices(listed: Catalogue, settings: Settings) -> Catalogue:
    """Lay corrections and the files of `llm.prices` over a list."""
    told = read_prices(settings.root, settings.llm.prices)
    if told.failed:
        raise SettingError("\n".join(issue.text() for issue in told.issues))
    return with_overlays(listed, (*CORRECTIONS, *map(overlay_of, told.items)))


def price_issues(settings: Settings) -> Iterator[Issue]:
    """Give what is wrong or doubtful in the files of own prices, each at its line."""
    told = read_prices(settings.root, settings.llm.prices)
    yield from told.issues
    if told.items:
        listed = accepted_list(settings.store_path)
        for one in told.items:
            yield from own_price_issues(listed, one)


def accepted_list(store: Path) -> Catalogue:
    """Give the list in force in a folder: the one that came with costper until one was kept."""
    kept = kept_lists(store)
    if not kept:
        return bundled()
    return _kept(kept[-1])


@lru_cache(maxsize=4)
def _kept(kept: PriceList) -> Catalogue:
    """Read a list, which takes a while; what is kept never changes."""
    try:
        return read_list(read_kept(kept), kept.path.name)
    except ValueError as error:
        raise BooksError(f"an accepted price list: {error}", where=str(kept.path)) from error


def known_catalogues(books: Books) -> Iterator[Catalogue]:
    """Give the prices in force, then those of earlier accepted lists, the newest first.

    Own prices are laid over each as they are now: what they were before is nowhere kept.
    """
    yield catalogue_of(books)
    for kept in reversed(kept_lists(books.settings.store_path)[:-1]):
        yield with_own_prices(_kept(kept), books.settings)


def keep_first_list(books: Books) -> None:
    """Keep the list that came with costper, where none is kept yet.

    From the first call on the books have a list of their own: another costper, with another list,
    changes no price by itself.
    """
    if not kept_lists(books.settings.store_path):
        keep_list(books.settings.store_path, written(bundled()))


def export_list(books: Books, path: Path) -> str:
    """Write the accepted list to a new file, and give its version.

    Raises:
        SourceError: the file is there already, or cannot be written.
    """
    held = accepted_list(books.settings.store_path)
    try:
        with path.open("xb") as file:
            file.write(written(held))
    except OSError as error:
        raise SourceError(f"cannot be written: {error.strerror}", where=str(path)) from error
    return held.version


def offered_list(path: Path | None) -> Catalogue:
    """Give a list to compare with: that of a file, or the one that came with costper.

    Raises:
        SourceError: the file is not a price list.
    """
    if path is None:
        return bundled()
    try:
        if path.stat().st_size > LARGEST:
            raise SourceError(f"more than {LARGEST // MIB} MiB", where=str(path))
        return read_list(path.read_bytes(), path.name)
    except (OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        hint = "the data.json of genai-prices, or what `costper prices export` wrote"
        raise SourceError(f"not a price list: {said}", where=str(path), hint=hint) from error


def plan_renewal(books: Books, new: Catalogue, day: date, *, backdated: bool = False) -> Renewal:
    """Say what accepting a list would change; nothing is written.

    Its prices hold from `day` on, and days before keep theirs, unless it is `backdated`.
    """
    held = accepted_list(books.settings.store_path)
    return Renewal(
        held=held,
        joined=renewed(held, new, day, backdated=backdated),
        changes=changes(held, new, None if backdated else day),
        day=day,
        backdated=backdated,
    )


def accept_renewal(books: Books, planned: Renewal, *, now: datetime, actor: str = "cli") -> None:
    """Put a planned list in force; the one before stays as it is, in a file of its own."""
    keep_first_list(books)
    kept = keep_list(books.settings.store_path, written(planned.joined))
    detail = {
        "from": planned.day,
        "backdated": planned.backdated,
        "changes": len(planned.changes),
        "before": planned.held.version,
        "number": kept.number,
    }
    with books.control.begin() as connection:
        log(
            connection,
            "price list accepted",
            planned.joined.version,
            now=now,
            detail=detail,
            actor=actor,
        )
