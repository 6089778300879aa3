"""What a rule of savings is: the meters it reads off a bill, and what it makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["nights_and_weekends", "unused_commitment", "orphan_candidate", "idle_candidate"]
Confidence = Literal["measured", "estimated"]

LEAST_DAYS = 7
"""What was seen on fewer days of a period is too new to be called a candidate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The words of a line of a bill that tell what it charges for; '' where it has none."""

    service: str = ""
    usage: str = ""
    description: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """One thing vendors charge for, known by what they write beside it.

    `usage` is searched in the vendor's usage type or meter, `told` in the description; either
    will do. `service`, where given, must be found in the service as well. `status` is the
    commitment status itself. `by` says what tells one from another: the resource, or its tags.
    """

    name: str
    usage: str = ""
    told: str = ""
    service: str = ""
    status: str = ""
    by: Literal["resource", "tags", "both"] = "resource"

    def reads(self, line: Line) -> bool:
        """Say whether a line of a bill is of this meter.

        >>> Meter(name="nat", usage=r"NatGateway-Hours$").reads(Line(usage="EU-NatGateway-Hours"))
        True
        """
        if self.status:
            return line.status.lower() == self.status
        found = _found(self.usage, line.usage) or _found(self.told, line.description)
        return found and (not self.service or _found(self.service, line.service))


def _found(pattern: str, text: str) -> bool:
    return bool(pattern) and re.search(pattern, text, re.IGNORECASE) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a bill says of one resource and one meter in a period, in the home currency.

    `days` counts the days with a charge, from `first` to `last`; `charges` the bill rows, of
    which `charge` names one. `dims` are the dimensions before allocation.
    """

    meter: str
    source: str
    resource: str
    account: str = ""
    region: str = ""
    service: str = ""
    description: str = ""
    unit: str = ""
    tags: str = ""
    dims: Mapping[str, str] = field(default_factory=dict[str, str])
    cost: Decimal
    quantity: Decimal = Decimal(0)
    days: int
    first: date
    last: date
    charges: int = 0
    charge: str = ""

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it is: source, account and region."""
        return (self.source, self.account, self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The first and last day before the period on which the books saw something."""

    first: date
    last: date


Known = tuple[str, str, str, str]
"""A meter, source, resource and tags."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """All that the rules may look at: what was seen in the period, and when before it.

    `start` is the period's first day, `days` how many of its days the books hold charges for.
    """

    seen: tuple[Seen, ...]
    earlier: Mapping[Known, Earlier]
    start: date
    days: int

    def of(self, *meters: Meter) -> Iterator[Seen]:
        """Give what was seen of some meters."""
        names = {meter.name for meter in meters}
        return (one for one in self.seen if one.meter in names)

    def before(self, one: Seen, meter: Meter) -> Earlier | None:
        """Say when a meter was seen before the period, for the same resource or tags."""
        resource = "" if meter.by == "tags" else one.resource
        tags = "" if meter.by == "resource" else one.tags
        return self.earlier.get((meter.name, one.source, resource, tags))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One cost a rule says could be saved whole, and why."""

    seen: Seen
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way to find a saving.

    `what` names what is found, as a person would; `next_step` says what to do about it. `find`
    gives the costs it claims. `meters` are all those it reads.
    """

    name: str
    kind: Kind
    what: str
    next_step: str
    confidence: Confidence
    meters: tuple[Meter, ...]
    find: Callable[[Bill], Iterable[Claim]]


def enough(one: Seen) -> bool:
    """Say whether something was there on enough days to say that it is not used."""
    return one.days >= LEAST_DAYS and one.cost > 0


def unused(bill: Bill, fixed: Meter, uses: tuple[Meter, ...]) -> Iterator[Claim]:
    """Claim what costs by the hour while no line of the same resource tells of any use.

    Only where the same source tells of the use of another resource: a bill that never shows
    use says nothing by not showing it.
    """
    busy = {
        (one.source, one.resource)
        for one in bill.of(*uses)
        if one.resource and (one.quantity or one.cost)
    }
    telling = {source for source, _ in busy}
    for one in bill.of(fixed):
        if one.source not in telling or (one.source, one.resource) in busy:
            continue
        if one.resource and enough(one):
            yield Claim(
                seen=one,
                why=f"{one.days} of {bill.days} days charged, and no line of it for use",
            )
