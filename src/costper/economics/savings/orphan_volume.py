"""Disks that go on costing after the machines with the same tags are gone.

A bill does not say whether a disk is attached. It does say which tags a disk and a machine have.
A disk is a candidate when machines with exactly its tags were charged before the period and none
was in it, while the disk was there on every day with data: estimated, not measured. A disk
without tags, or whose tags no machine ever had, is never called one.

    2026-07   BoxUsage:m5.large         {"Name": "etl", "team": "data"}
    2026-08   no machine with these tags
    2026-08   EBS:VolumeUsage.gp3       {"Name": "etl", "team": "data"}   every day
"""

from __future__ import annotations

from collections.abc import Iterator

from costper.economics.savings.base import Bill, Claim, Meter, Rule, enough

MACHINES = Meter(
    name="machine",
    usage=r"(^|-)(BoxUsage|SpotUsage|HeavyUsage|DedicatedUsage|UnusedBox|ReservedInstance)\b",
    told=r"instance core running|instance ram running|per (on demand|spot) \S+ .*instance[- ]hour",
    by="tags",
)
DISKS = Meter(
    name="disk",
    usage=r"(^|-)EBS:Volume(Usage|P-IOPS|P-Throughput|IOUsage)",
    told=r"^(ssd|balanced|storage|regional)[\w ]* pd capacity|of (general purpose|provisioned iops"
    r"|magnetic|throughput optimized|cold)[\w ()]* (provisioned )?storage",
    by="both",
)
NO_TAGS = ("", "{}")


def find(bill: Bill) -> Iterator[Claim]:
    """Claim disks whose machines are gone."""
    running = {(one.source, one.tags) for one in bill.of(MACHINES)}
    for one in bill.of(DISKS):
        gone = bill.before(one, MACHINES)
        if one.tags in NO_TAGS or gone is None or (one.source, one.tags) in running:
            continue
        if one.resource and one.days == bill.days and enough(one):
            yield Claim(
                seen=one,
                why=f"there every day; the last machine with its tags was charged on {gone.last}",
            )


ORPHAN_VOLUME = Rule(
    name="orphan_volume",
    kind="orphan_candidate",
    what="candidate: disk whose machines are gone",
    next_step="check that it is detached; keep a snapshot and delete it",
    confidence="estimated",
    meters=(MACHINES, DISKS),
    find=find,
)
