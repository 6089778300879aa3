"""Snapshots and backups of disks that have been charged for at least 90 days.

A snapshot that is a quarter old has mostly been replaced by later ones. The books must reach back
that far: one that was first charged 90 days before the period ends, and on every day with data
of the period, is a candidate. Whether it must be kept is for its owners to say: estimated.

    EBS:SnapshotUsage   snapshot/snap-0a1b   first seen 2026-05-02
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from costper.economics.savings.base import Bill, Claim, Meter, Rule, enough

OLD = timedelta(days=90)
SNAPSHOTS = Meter(
    name="snapshot",
    usage=r"(^|-)EBS:Snapshot(Usage|Archive)",
    told=r"^storage pd snapshot|snapshot data stored|per gb-month of (snapshot|data stored) .*ebs",
)


def find(bill: Bill) -> Iterator[Claim]:
    """Claim snapshots that are old and still there."""
    for one in bill.of(SNAPSHOTS):
        known = bill.before(one, SNAPSHOTS)
        if known is None or one.last - known.first < OLD or one.days != bill.days:
            continue
        if one.resource and enough(one):
            yield Claim(seen=one, why=f"charged since {known.first} at the latest, and every day")


OLD_SNAPSHOT = Rule(
    name="old_snapshot",
    kind="orphan_candidate",
    what="candidate: snapshot older than 90 days",
    next_step="ask its owners; archive or delete it",
    confidence="estimated",
    meters=(SNAPSHOTS,),
    find=find,
)
