"""Aurora databases of an account and region where no line tells of input or output.

Aurora charges machines by the hour (InstanceUsage) and reads and writes beside that
(Aurora:StorageIOUsage), but under the cluster, not the machine. So a machine is a candidate only
when its whole account and region has standard storage (Aurora:StorageUsage, where input and
output are charged apart) and not one such line in the period, while another has: estimated, not
measured.

    InstanceUsage:db.r6g.large   "Aurora MySQL"   24 h a day
    Aurora:StorageIOUsage        no line in this account and region
"""

from __future__ import annotations

from collections.abc import Iterator

from costper.economics.savings.base import Bill, Claim, Meter, Rule, enough

MACHINES = Meter(name="aurora_hours", told=r"\baurora\b.*\binstance\b|\binstance\b.*\baurora\b")
STORAGE = Meter(name="aurora_storage", usage=r"(^|-)Aurora:StorageUsage$")
IO = Meter(name="aurora_io", usage=r"(^|-)Aurora:(StorageIOUsage|IO-OptimizedStorageUsage)$")


def find(bill: Bill) -> Iterator[Claim]:
    """Claim machines where storage is charged and its use is not."""
    stored = {one.place for one in bill.of(STORAGE)}
    busy = {one.place for one in bill.of(IO) if one.quantity or one.cost}
    telling = {source for source, _, _ in busy}
    for one in bill.of(MACHINES):
        idle = one.place in stored - busy and one.source in telling
        if one.resource and idle and enough(one):
            yield Claim(
                seen=one,
                why=f"{one.days} of {bill.days} days charged, and no input or output of any "
                "Aurora storage of its account and region",
            )


IDLE_DATABASE = Rule(
    name="idle_database",
    kind="idle_candidate",
    what="candidate: database that neither reads nor writes",
    next_step="look at its connections; stop it, or keep a snapshot",
    confidence="estimated",
    meters=(IO, STORAGE, MACHINES),
    find=find,
)
