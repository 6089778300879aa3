"""Settings: who looks, keys and what they may do, the log, and reading costper.yaml again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.told import NO_ROW, Row, Told, items, text
from costper.web.url import own, segment

KEYS = "/api/v1/keys"
AUDIT = "/api/v1/audit"
ENTRIES = "50"
OWN = "/settings"


@dataclass(frozen=True, slots=True)
class May:
    """What a new key may do: its value in the form, in words, and as the API's scopes."""

    value: str
    words: str
    scopes: tuple[str, ...] = ()


MAY = (
    May("read", "read all numbers", ("read",)),
    May("write", "read and write: events, feedback, rules", ("read", "write")),
    May("ingest", "only send LLM calls", ("ingest",)),
    May("admin", "everything, keys included", ("admin",)),
    May("customer", "only one customer's own numbers"),
)


def asks(seen: Seen) -> Asks:
    """Ask for the keys and a page of the log; who may not see them is refused both."""
    before = seen.url.get("before")
    paging = {"before": before} if before else {}
    return {
        "whoami": Ask(path="/api/v1/whoami"),
        "held": Ask(path=KEYS, params={"limit": "1000"}),
        "audit": Ask(path=AUDIT, params={"rows": ENTRIES, **paging}),
    }


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Say who looks and, to whoever may know, who has a key."""
    keys = told["held"]
    known = keys.rows if keys.ok else ()
    return {
        "who": told["whoami"].first if told["whoami"].ok else NO_ROW,
        "keys": [{**it, "may": _words(it)} for it in known],
        "first": keys.ok and not _in_force(known),
        "may": MAY,
        "log": told["audit"] if told["audit"].ok else None,
        "entries": [{**it, "details": _details(text(it, "detail"))} for it in _log(told["audit"])],
        "sent": seen.sent,
        "wrong": "" if seen.problem is None else text(seen.problem, "parameter"),
    }


def _in_force(keys: Sequence[Row]) -> int:
    return sum(not text(it, "revoked") for it in keys)


def _words(key: Row) -> str:
    scopes = tuple(str(it) for it in items(key, "scopes"))
    customer = next((it.partition(":")[2] for it in scopes if it.startswith("customer:")), "")
    return f"customer {customer}" if customer else ", ".join(scopes)


def _log(told: Told) -> Sequence[Row]:
    return told.rows if told.ok else ()


def _details(said: str) -> tuple[tuple[str, str], ...]:
    """Read what the log has as JSON into names and values; what was cut off stays as it is."""
    try:
        found = json.loads(said)
    except ValueError:
        return (("", said),)
    if not isinstance(found, dict):
        return (("", said),)
    pairs = ((str(name), value) for name, value in cast("Row", found).items())
    return tuple((name, _plain(value)) for name, value in pairs if value not in ("", None, [], {}))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _makes(form: Form, _path: Mapping[str, str]) -> Ask:
    chosen = next((it for it in MAY if it.value == form.get("may")), MAY[0])
    body: dict[str, object] = {"name": form.get("name", "").strip()}
    if chosen.scopes:
        body["scopes"] = list(chosen.scopes)
    else:
        body["customer"] = form.get("customer", "").strip()
    return Ask(path=KEYS, body=body, method="POST")


def _revokes(_form: Form, path: Mapping[str, str]) -> Ask:
    return Ask(path=f"{KEYS}/{segment(path['name'])}", method="DELETE")


def _back(form: Form, _told: Told) -> str:
    return own(form.get("back", ""), OWN)


SETTINGS = Page(
    name="settings",
    path=OWN,
    title="Settings",
    template="settings.html",
    asks=asks,
    show=show,
    section="settings",
    csv="audit",
)
KEY_ACTS: tuple[Act, ...] = (
    Act(
        name="make-key",
        path=f"{OWN}/keys",
        sends=_makes,
        then=_back,
        done=lambda _form, told: f"Made the key {text(told.first, 'name')}",
        shows="key.html",
    ),
    Act(
        name="revoke-key",
        path=f"{OWN}/keys/{{name}}/revoke",
        sends=_revokes,
        then=_back,
        done=lambda _form, told: f"Revoked {text(told.first, 'name')}, for good",
    ),
)
