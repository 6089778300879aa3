"""Connecting a source: by a file, whose kind is guessed, or by the block for costper.yaml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.pages.source import DATA
from costper.web.pages.sources import sentence
from costper.web.told import NO_ROW, Row, Told, rows, text
from costper.web.url import Url, segment

PATH = "/connect"
TYPES = "/api/v1/source-types"
LONGEST_HEAD = 8_000
WORDS = {
    ("focus_file", "bill"): "FOCUS export",
    ("aws_cur", "bill"): "AWS Cost and Usage Report",
    ("gcp_billing", "bill"): "Google Cloud billing export",
    ("azure_cost", "bill"): "Azure cost export",
    ("aws_cost_explorer", "bill"): "AWS Cost Explorer",
    ("openai_costs", "bill"): "OpenAI costs",
    ("anthropic_costs", "bill"): "Anthropic costs",
    ("csv", "measurements"): "Usage or a metric by day (CSV)",
    ("csv", "customers"): "Customers and what they pay (CSV)",
    ("csv", "rates"): "Exchange rates (CSV)",
    ("parquet", "measurements"): "Usage or a metric by day (Parquet)",
    ("parquet", "customers"): "Customers (Parquet)",
    ("parquet", "rates"): "Exchange rates (Parquet)",
}
FOLDERS = {"bill": "bills", "measurements": "usage"}
NO_GUESS: Row = {"type": "", "kind": "", "wrong": ""}
MAPS = ("values", "dimensions")
COLUMNS = ("date", "value")
KINDS = (
    ("", "what its name says"),
    ("count", "A count: days add up (orders, requests)"),
    ("active_users", "Active users: the average of days (users of a day)"),
    ("balance", "A balance: the last day counts (seats, storage)"),
    ("peak", "A peak: the highest day counts"),
    ("ratio", "A rate or a share: the average of days"),
)
"""What a metric may measure, and so how its days add up."""


def asks(seen: Seen) -> Asks:
    """Ask what there is to connect, and what a file looks like whose first lines are given."""
    found = {"types": Ask(path=TYPES)}
    head, file = seen.url.get("head")[:LONGEST_HEAD], seen.url.get("file")
    if head:
        found["guess"] = Ask(path=f"{TYPES}/guess", body={"file": file, "head": head})
    return found


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Show what a file is taken for, or the type that was chosen; else what there is."""
    types = tuple(_worded(row, seen.url) for row in told["types"].rows)
    guess = told["guess"].first if "guess" in told and told["guess"].ok else NO_GUESS
    chosen = _chosen(seen, types, guess)
    file = seen.url.get("file")
    return {
        "types": types,
        "bills": tuple(it for it in types if it["kind"] == "bill"),
        "others": tuple(it for it in types if it["kind"] != "bill" and it["type"] == "csv"),
        "file": file,
        "guess": guess,
        "guess_hint": sentence(text(guess, "hint")),
        "chosen": chosen,
        "fields": dict(_fields(seen, chosen, guess)),
        "metric_kinds": KINDS,
        "ends": " ".join(DATA),
        "packed": file.lower().endswith((".parquet", ".gz")),
    }


def _worded(row: Row, url: Url) -> Row:
    kind, name = text(row, "kind"), text(row, "type")
    return {
        **row,
        "word": WORDS.get((name, kind), f"{name} ({kind})"),
        "href": str(url.having(type=name, kind=kind)),
    }


def _chosen(seen: Seen, types: tuple[Row, ...], guess: Row) -> Row:
    """Give the type that was chosen, by the reader before by the look of a file."""
    for said in (seen.sent, {it: seen.url.get(it) for it in ("type", "kind")}, guess):
        wanted = text(said, "type"), text(said, "kind")
        for one in types:
            if (text(one, "type"), text(one, "kind")) == wanted:
                return one
    return NO_ROW


def _fields(seen: Seen, chosen: Row, guess: Row) -> Iterator[tuple[str, str]]:
    """Give what stands in the form: as it was typed, as it was guessed, or as it usually is."""
    same = text(guess, "type") == text(chosen, "type") and text(guess, "kind") == text(
        chosen, "kind"
    )
    guessed = guess if same else NO_ROW
    settings = {text(it, "setting"): text(it, "value") for it in rows(guessed, "settings")}
    name = text(guessed, "name") or text(chosen, "name")
    folder = FOLDERS.get(text(chosen, "kind"), "")
    usual = f"{folder}/{name}/" if folder else f"{text(chosen, 'kind')}.csv"
    measured = [(text(it, "metric"), text(it, "kind")) for it in rows(guessed, "metrics")]
    kinds = {"metric_kind": measured[0][1]} if len(measured) == 1 else {}
    kinds["metric_kinds"] = ", ".join(f"{metric}: {kind}" for metric, kind in measured)
    known = {"name": name, "path": text(guessed, "path") or usual, **kinds, **settings}
    for field in ("name", "path", "metric_kind", "metric_kinds", *COLUMNS, *MAPS):
        yield field, seen.sent.get(field, known.get(field, ""))


def _add(form: Form, _path: Mapping[str, str]) -> Ask:
    settings: dict[str, object] = {"path": form.get("path", "").strip()}
    kind = form.get("kind", "")
    if kind == "measurements":
        settings |= {it: form[it].strip() for it in COLUMNS if form.get(it, "").strip()}
        settings |= {it: pairs(form[it]) for it in MAPS if form.get(it, "").strip()}
    name = form.get("name", "").strip()
    body: dict[str, object] = {"type": form.get("type", ""), "kind": kind, "name": name}
    body["settings"] = settings
    if kind == "measurements":
        many = form.get("values", "").strip()
        single = {name: form.get("metric_kind", "")}
        body["metrics"] = _kinds_of(many, form.get("metric_kinds", "")) if many else single
    return Ask(path="/api/v1/sources", body=body, method="POST")


def _kinds_of(values: str, said: str) -> dict[str, str]:
    """Give each number its kind; one nobody gave a kind has that of its name."""
    kinds = {name: kind for name, kind in pairs(said).items() if kind != name}
    return {name: kinds.get(name, "") for name in pairs(values)}


def pairs(said: str) -> dict[str, str]:
    """Read `name: column, name: column`; a word alone names both.

    >>> pairs("customer: customer_id, team")
    {'customer': 'customer_id', 'team': 'team'}
    """
    found = (one.partition(":") for one in said.split(",") if one.strip())
    return {name.strip(): (column.strip() or name.strip()) for name, _, column in found}


def _added(_form: Form, told: Told) -> str:
    return f"/sources/{segment(text(told.first, 'source'))}"


def _done(_form: Form, told: Told) -> str:
    return f"{text(told.first, 'source')} stands in costper.yaml now"


CONNECT = Page(
    name="connect",
    path=PATH,
    title="Connect a source",
    template="connect.html",
    asks=asks,
    show=show,
    needs=("types",),
    section="sources",
)
ADD = Act(name="connect", path="/connect/add", sends=_add, then=_added, done=_done, renews=True)
