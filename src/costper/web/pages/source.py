"""One data source: its files and deliveries, what its last sync met by row, and its metrics."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.pages.sources import MOST, PATH, SYNC_ASK, size_words, synced, worded
from costper.web.told import Row, items, rows, text
from costper.web.url import segment

DATA = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")
"""How the names of files that hold data end; the API says it of one that does not."""

WILD = frozenset("*?[")


def asks(seen: Seen) -> Asks:
    """Ask for the source, what its last sync met, and the sync at work."""
    path = f"{PATH}/{segment(seen.path['name'])}"
    cursor = seen.url.get("cursor")
    paging = {"cursor": cursor} if cursor else {}
    return {
        "source": Ask(path=path),
        "met": Ask(path=f"{path}/issues", params={"limit": "100", **paging}),
        "sync": SYNC_ASK,
        "metrics": Ask(path="/api/v1/metrics", params={"limit": MOST}),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Show it, with the metrics that are of this source."""
    row, name = told["source"].first, seen.path["name"]
    paths = tuple(str(it) for it in items(row, "paths"))
    metrics = told["metrics"].rows if told["metrics"].ok else ()
    found = told["met"]
    deliveries = rows(row, "deliveries")
    return {
        "row": worded(row),
        "paths": paths,
        "upload_as": only_name(paths),
        "ends": " ".join(DATA),
        "files": tuple({**it, "size": size_words(it, "bytes")} for it in rows(row, "files")),
        "bills": tuple(it for it in deliveries if "metric" not in it),
        "measured": tuple(it for it in deliveries if "metric" in it),
        "syncs": rows(row, "syncs"),
        "metrics": tuple(it for it in metrics if text(it, "source") == name),
        "met": found.rows if found.ok else (),
        "sync": synced(told["sync"]),
        "read": tuple(_read(row)),
    }


def only_name(paths: tuple[str, ...]) -> str:
    """Give the one name a file of this source must have; '' where there are several.

    >>> only_name(("usage/seats.csv",)), only_name(("bills/*.csv",)), only_name(("bills/",))
    ('seats.csv', '', '')
    """
    names = {path.rpartition("/")[2] for path in paths}
    if len(paths) != 1 or WILD & set(paths[0]) or not paths[0].endswith(DATA):
        return ""
    return next(iter(names))


def _read(row: Row) -> list[Row]:
    """Give what came of the bill: its totals, in each of its currencies."""
    return [{"currency": text(it, "currency"), **it} for it in rows(row, "totals")]


SOURCE = Page(
    name="source",
    path="/sources/{name}",
    title="Data source",
    template="source.html",
    asks=asks,
    show=show,
    needs=("source",),
    section="sources",
    csv="met",
)
