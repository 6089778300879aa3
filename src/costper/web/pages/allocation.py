"""Allocation: the rules and what each took, the proof that nothing is lost, what is ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from costper.web.page import Act, Answers, Ask, Asks, Form, Page, Seen
from costper.web.period import asked_days
from costper.web.table import marked
from costper.web.told import NO_ROW, Row, Told, rows, text
from costper.web.url import Url, segment

PATH = "/api/v1/allocation"
RUNS = "20"
MOVED = 100
CHANGES = {
    "added": "is new",
    "removed": "is gone",
    "changed": "is not as it was",
    "reordered": "The order of the rules changed",
    "dimensions": "Dimensions say something else",
}
APPLIED = str(Url("/allocation"))


def asks(seen: Seen) -> Asks:
    """Ask what is in force, which runs there were, and on demand what the file would change."""
    cursor = seen.url.get("cursor")
    paging = {"cursor": cursor} if cursor else {}
    found = {
        "allocation": Ask(path=PATH, params=asked_days(seen.url)),
        "runs": Ask(path=f"{PATH}/runs", params={"limit": RUNS, **paging}),
    }
    if seen.url.get("plan"):
        found["plan"] = Ask(path=f"{PATH}/plan", body={"limit": MOVED}, method="POST")
    return found


def show(seen: Seen, told: Answers) -> Mapping[str, object]:
    """Put rules, reasons and the balance into words."""
    answer, plan = told["allocation"], told.get("plan")
    row = answer.first
    days = rows(row, "conservation")
    due = [it for it in rows(row, "months") if text(it, "hint")]
    return {
        "row": row,
        "rules": rows(row, "rules"),
        "nobodys": [_nobodys(it, answer) for it in rows(row, "unallocated")],
        "days": days,
        "wrong": [it for it in days if it.get("balanced") is not True],
        "due": due,
        "runs": told["runs"] if told["runs"].ok else None,
        "plan": plan,
        "ahead": NO_ROW if plan is None else plan.first,
        "faults": () if plan is None or plan.ok else rows(plan.body, "issues"),
        "changes": CHANGES,
        "planned": seen.url.having(plan="1", cursor=None),
        "plain": seen.url.having(plan=None, cursor=None),
    }


def table(_seen: Seen, told: Answers) -> Sequence[Row]:
    """Give the page's tables as one: rules, what nobody carries, the balance by day, and runs."""
    row, home = told["allocation"].first, told["allocation"].currency
    runs = told["runs"].rows if told["runs"].ok else ()
    return (
        *marked("rules", rows(row, "rules"), home),
        *marked("unallocated", rows(row, "unallocated"), home),
        *marked("conservation", rows(row, "conservation")),
        *marked("runs", runs),
    )


def _nobodys(row: Row, answer: Told) -> Row:
    """Lead from a reason to what to do, and each of its services to its page."""
    days = {"from_": text(answer.question, "from"), "to": text(answer.question, "to")}
    explain = Url("/explain").having(customer="(unallocated)", **days)
    services: Sequence[Row] = [
        {**it, "href": _place(text(it, "service"), days)} for it in rows(row, "services")
    ]
    return {**row, "services": services, "explain": str(explain)}


def _place(service: str, days: Mapping[str, str]) -> str:
    if service[:1] in {"", "("}:
        return ""
    return str(Url(f"/services/{segment(service)}").having(**days))


def _applies(_form: Form, _path: Mapping[str, str]) -> Ask:
    return Ask(path=f"{PATH}/apply", body={}, method="POST")


def _done(_form: Form, told: Told) -> str:
    made = text(told.total, "runs")
    return f"{made} {'month was' if made == '1' else 'months were'} allocated anew"


ALLOCATION = Page(
    name="allocation",
    path="/allocation",
    title="Allocation",
    template="allocation.html",
    asks=asks,
    show=show,
    needs=("allocation",),
    section="allocation",
    csv="runs",
    table=table,
)
APPLY = Act(
    name="apply-allocation",
    path="/allocation/apply",
    sends=_applies,
    then=lambda _form, _told: APPLIED,
    done=_done,
)
