"""The rules that find what could be saved, in the order in which they may claim a cost.

One file is one rule. A cost that two rules would claim is the first one's, so that a total over
all findings never counts it twice.
"""

from __future__ import annotations

from costper.economics.savings.base import Meter, Rule
from costper.economics.savings.idle_address import IDLE_ADDRESS
from costper.economics.savings.idle_capacity import IDLE_CAPACITY
from costper.economics.savings.idle_concurrency import IDLE_CONCURRENCY
from costper.economics.savings.idle_database import IDLE_DATABASE
from costper.economics.savings.idle_endpoint import IDLE_ENDPOINT
from costper.economics.savings.idle_load_balancer import IDLE_LOAD_BALANCER
from costper.economics.savings.idle_nat_gateway import IDLE_NAT_GATEWAY
from costper.economics.savings.idle_stream import IDLE_STREAM
from costper.economics.savings.old_snapshot import OLD_SNAPSHOT
from costper.economics.savings.orphan_volume import ORPHAN_VOLUME
from costper.economics.savings.unused_commitment import UNUSED_COMMITMENT

RULES: tuple[Rule, ...] = (
    UNUSED_COMMITMENT,
    IDLE_CAPACITY,
    IDLE_ADDRESS,
    IDLE_LOAD_BALANCER,
    IDLE_NAT_GATEWAY,
    IDLE_ENDPOINT,
    IDLE_CONCURRENCY,
    IDLE_STREAM,
    IDLE_DATABASE,
    ORPHAN_VOLUME,
    OLD_SNAPSHOT,
)

METERS: tuple[Meter, ...] = tuple(
    {meter.name: meter for rule in RULES for meter in rule.meters}.values()
)
"""Every meter a rule reads; a line of a bill belongs to the first one that knows it."""
