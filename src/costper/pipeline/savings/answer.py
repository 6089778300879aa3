"""What could be saved, by money a month, and what on the bill says so?"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from costper.economics.compare import change
from costper.economics.savings import RULES
from costper.economics.savings.base import Seen
from costper.economics.savings.claims import Finding, claimed, findings
from costper.economics.waste import a_month, counts_months, hundredths
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.money import EXACT, total
from costper.pipeline.answer.costs import NOTHING, costs_by
from costper.pipeline.answer.frame import NO_DATA, Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.values import MART
from costper.pipeline.answer.waste import schedule, zone_name
from costper.pipeline.savings.nights import Night, dearest, nights
from costper.pipeline.savings.read import bill_of, claimed_hours
from costper.store.dismissals import Dismissal

MONTH_OF_DAYS = "settled days x 365 / 12 / days with data"
MONTH_OF_MONTHS = "calendar months, by their number"
SHOWN = ("team", "service", "environment")
KINDS = ("nights_and_weekends", "unused_commitment", "orphan_candidate", "idle_candidate")

Amount = Decimal | Absent


NONE: Mapping[str, Dismissal] = {}


def savings(frame: Frame, dismissed: Mapping[str, Dismissal] = NONE) -> Answer:
    """Rank what could be saved; no cost is counted twice.

    A row is one finding: `monthly_cost` of what it looks at, `monthly_saving` of it, and what is
    `left`. `saving_percent` is of that cost, `share_percent` of all cost of the period. What an
    orphan, an idle resource or a commitment claims whole is left out of nights and weekends.
    What is `dismissed` comes last, and is counted apart in the total.
    """
    bill, unrated = bill_of(frame)
    found = findings(bill, RULES)
    idle, issues = nights(frame, claimed_hours(frame, claimed(found)))
    whole = costs_by(frame, MART, (), (), Bound()).get((), NOTHING)
    known = change(whole.cost, whole.ahead)
    monthly = _monthly(frame, known) if frame.days_with_data else NO_DATA
    rows = [
        *(_resource_row(frame, one, monthly) for one in found),
        *(_night_row(frame, one, monthly) for one in idle),
    ]
    rows = [{**row, **_dismissed_cells(dismissed.get(str(row["finding"])))} for row in rows]
    rows.sort(key=_place)
    said = dict.fromkeys((*unrated, *issues))
    question: dict[str, Cell] = {"noun": "savings", "a_month": _month_is(frame)}
    return frame.answer(question, tuple(rows), _total(rows, monthly), tuple(said))


def _dismissed_cells(said: Dismissal | None) -> dict[str, Cell]:
    """Say since when somebody does not want to be told, who, and why."""
    if said is None:
        return {"dismissed": "", "dismissed_by": "", "dismissed_note": ""}
    return {"dismissed": said.at, "dismissed_by": said.actor, "dismissed_note": said.note}


def _place(row: Row) -> tuple[bool, Decimal, str, str]:
    return bool(row["dismissed"]), -_saving(row), str(row["kind"]), str(row["finding"])


def _month_is(frame: Frame) -> str:
    """Say how an amount of the period became one of a month."""
    by_number = counts_months(frame.period, frame.days_with_data)
    return MONTH_OF_MONTHS if by_number else MONTH_OF_DAYS


def _monthly(frame: Frame, amount: Amount) -> Amount:
    if isinstance(amount, Absent):
        return amount
    return a_month(amount, frame.period, frame.days_with_data)


def _total(found: Sequence[Row], monthly: Amount) -> Row:
    rows = [row for row in found if not row["dismissed"]]
    apart = [row for row in found if row["dismissed"]]
    saving = total([_saving(row) for row in rows])
    kinds: tuple[Row, ...] = tuple(
        {
            "kind": kind,
            "findings": len(mine),
            "monthly_saving": total([_saving(row) for row in mine]),
        }
        for kind in KINDS
        if (mine := [row for row in rows if row["kind"] == kind])
    )
    known = isinstance(monthly, Decimal)
    sure = total([_saving(row) for row in rows if row["confidence"] == "measured"])
    return {
        "findings": len(rows),
        **_amounts(monthly, saving if known else NO_DATA, monthly),
        "measured_saving": sure if known else NO_DATA,
        "estimated_saving": EXACT.subtract(saving, sure) if known else NO_DATA,
        "dismissed_findings": len(apart),
        "dismissed_saving": total([_saving(row) for row in apart]),
        "kinds": kinds,
    }


def _saving(row: Row) -> Decimal:
    saving = row["monthly_saving"]
    return saving if isinstance(saving, Decimal) else Decimal(0)


def _amounts(cost: Amount, saving: Amount, whole: Amount) -> dict[str, Cell]:
    """Give the cells of a cost and a saving of it, a month each."""
    left = cost
    if isinstance(cost, Decimal) and isinstance(saving, Decimal):
        left = EXACT.subtract(cost, saving)
    return {
        "monthly_cost": cost,
        "monthly_saving": saving,
        "left": left,
        "saving_percent": _percent(saving, cost),
        "share_percent": _percent(saving, whole),
    }


def _percent(part: Amount, whole: Amount) -> Amount:
    if isinstance(part, Absent) or isinstance(whole, Absent):
        return part if isinstance(part, Absent) else whole
    return hundredths(part, whole) if whole > 0 else Absent("zero_denominator")


def _resource_row(frame: Frame, finding: Finding, whole: Amount) -> Row:
    rule = finding.rule
    first = max(finding.claims, key=lambda claim: claim.seen.cost)
    one = first.seen
    cost = _monthly(frame, finding.cost)
    return {
        "finding": _name(rule.name, one.source, one.meter, one.resource, *one.dims.values()),
        "kind": rule.kind,
        "rule": rule.name,
        "what": rule.what,
        "resource": one.resource,
        **{name: one.dims.get(name, "") for name in SHOWN},
        "source": one.source,
        "account": one.account,
        "region": one.region,
        **_amounts(cost, cost, whole),
        "confidence": rule.confidence,
        "why": first.why,
        "next_step": rule.next_step,
        "schedule": "",
        "evidence": tuple(_evidence(claim.seen) for claim in finding.claims),
    }


def _evidence(one: Seen) -> Row:
    """Say what the bill says, and how to see the first of its rows."""
    return {
        "description": one.description or one.service,
        "first": one.first,
        "last": one.last,
        "days": one.days,
        "cost": one.cost,
        "quantity": one.quantity,
        "unit": one.unit,
        "bill_rows": one.charges,
        "charge": one.charge,
        "explain": f"costper explain --charge {shlex.quote(one.charge)}",
    }


def _night_row(frame: Frame, night: Night, whole: Amount) -> Row:
    settings = frame.books.settings
    hours = schedule(settings.working_hours, zone_name(settings))
    cost = _monthly(frame, night.idle.cost)
    days = f"--from {frame.period.start} --to {frame.period.end}"
    services: Iterable[Row] = (
        {
            "description": service,
            "cost": idle.cost,
            "idle_cost": idle.outside,
            "estimated_cost": idle.estimated,
            "explain": f"costper explain service {shlex.quote(service)} {days}",
        }
        for service, idle in dearest(night.services)
    )
    shared = "; what other findings claim is left out" if night.shared else ""
    return {
        "finding": _name("nights_and_weekends", night.environment),
        "kind": "nights_and_weekends",
        "rule": "nights_and_weekends",
        "what": "runs while nobody works",
        "resource": "",
        **dict.fromkeys(("team", "service", "source", "account", "region"), ""),
        "environment": night.environment,
        **_amounts(cost, _monthly(frame, night.saving), whole),
        "confidence": night.confidence,
        "why": f"cost out of {hours}{shared}",
        "next_step": f"run it {hours} only",
        "schedule": hours,
        "evidence": tuple(services),
    }


def _name(*words: str) -> str:
    """Name a finding, so that the next answer knows it again."""
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:10]
