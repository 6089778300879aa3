"""Data sources: how fresh each is, how its last sync went, and the sync at work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.told import Row, Told, amount, rows, text
from costper.web.url import own

PATH = "/api/v1/sources"
SYNC_PATH = "/api/v1/sync"
MOST = "1000"
WORDS = {
    "active": ("Active", "good"),
    "late": ("Late", "warn"),
    "failing": ("Failing", "bad"),
    "never_synced": ("Never synced", ""),
}
KINDS = {
    "bill": "Bill",
    "measurements": "Metrics",
    "customers": "Customers",
    "rates": "Exchange rates",
    "calls": "LLM calls",
}
STATES = {
    "ok": ("done", "good"),
    "failed": ("failed", "bad"),
    "stopped": ("stopped", "warn"),
    "running": ("running", ""),
    "waiting": ("waiting", ""),
}
PER_KIB = 1024
SYNC_ASK = Ask(path=SYNC_PATH)


def asks(_seen: Seen) -> Asks:
    """Ask how every source stands, how far the sync is, and which metrics there are."""
    return {
        "sources": Ask(path=PATH, params={"limit": MOST}),
        "sync": SYNC_ASK,
        "metrics": Ask(path="/api/v1/metrics", params={"limit": MOST}),
    }


def show(_seen: Seen, told: Answers) -> Mapping[str, object]:
    """Say of each source what it is, in the words of people."""
    return {
        "found": tuple(worded(row) for row in told["sources"].rows),
        "sync": synced(told["sync"]),
        "metrics": told["metrics"].rows if told["metrics"].ok else (),
    }


def worded(row: Row) -> Row:
    """Put a source's status, kind and next step into words; syncing is a button here.

    >>> found = worded({"source": "bill", "status": "late", "kind": "bill",
    ...                 "next_step": "run `costper sync bill`"})
    >>> found["word"], found["tone"], found["kind_word"], found["next_step"]
    ('Late', 'warn', 'Bill', 'Press Sync now.')
    """
    status, kind, name = text(row, "status"), text(row, "kind"), text(row, "source")
    word, tone = WORDS.get(status, (status, ""))
    step = text(row, "next_step").replace(f"run `costper sync {name}`", "press Sync now")
    return {
        **row,
        "word": word,
        "tone": tone,
        "kind_word": KINDS.get(kind, kind),
        "reason": sentence(text(row, "reason")),
        "next_step": sentence(step),
        "can_sync": bool(text(row, "declared")),
    }


def sentence(said: str) -> str:
    """Make what the API says in passing a sentence.

    >>> sentence("no file matches"), sentence("Done."), sentence("")
    ('No file matches.', 'Done.', '')
    """
    return f"{said[:1].upper()}{said[1:].rstrip('.')}." if said else ""


def synced(told: Told) -> Row:
    """Give the sync at work, or the last one: its state, its steps, and what ended it."""
    total = told.total
    state = text(total, "state") if told.ok else "never"
    word, tone = STATES.get(state, (state, ""))
    errors = tuple(it for it in rows(told.body, "issues") if text(it, "severity") == "error")
    return {
        **total,
        "state": state,
        "word": word,
        "tone": tone,
        "running": state == "running",
        "steps": tuple(_steps(told)) if told.ok else (),
        "problems": errors if told.ok else (),
    }


def _steps(told: Told) -> Iterator[Row]:
    for row in told.rows:
        word, tone = STATES.get(text(row, "state"), (text(row, "state"), ""))
        yield {**row, "word": word, "tone": tone}


def size_words(row: Row, name: str) -> str:
    """Write a number of bytes as people say it.

    >>> size_words({"bytes": 3538583}, "bytes"), size_words({"bytes": 12}, "bytes")
    ('3.4 MiB', '12 bytes')
    """
    size = amount(row, name)
    if size is None:
        return "—"
    if size < PER_KIB:
        return f"{size} bytes"
    for unit in ("KiB", "MiB"):
        size /= PER_KIB
        if size < PER_KIB:
            return f"{size:.1f} {unit}"
    return f"{size / PER_KIB:.1f} GiB"


def _sync(form: Form, _path: Mapping[str, str]) -> Ask:
    name = form.get("source", "")
    return Ask(path=SYNC_PATH, body={"sources": [name] if name else []}, method="POST")


def _back(form: Form, _told: Told) -> str:
    return own(form.get("back", ""), "/sources")


def _began(form: Form, _told: Told) -> str:
    name = form.get("source", "")
    return f"Reading {name}." if name else "Reading every source."


SOURCES = Page(
    name="sources",
    path="/sources",
    title="Data sources",
    template="sources.html",
    asks=asks,
    show=show,
    needs=("sources",),
    section="sources",
    csv="sources",
)
SYNC = Act(name="sync", path="/sources/sync", sends=_sync, then=_back, done=_began)
