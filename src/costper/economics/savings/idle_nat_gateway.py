"""NAT gateways that are charged by the hour while no line tells of bytes.

AWS charges every gateway by the hour (NatGateway-Hours) and each gigabyte beside that
(NatGateway-Bytes), under the same resource; the names of Azure and Google are known as well. One
that is there on at least 7 days of the period without any byte is a candidate.

    NatGateway-Hours   arn:…:natgateway/nat-0a1b   24 h a day
    NatGateway-Bytes   no line
"""

from __future__ import annotations

from costper.economics.savings.base import Meter, Rule, unused

HOURS = Meter(
    name="nat_gateway_hours",
    usage=r"(^|-)NatGateway-(Prvd-)?Hours$|^standard gateway$",
    told=r"nat gateway hour|nat gateway: uptime|cloud nat gateway uptime",
    service=r"ec2|elastic compute|vpc|virtual private|nat gateway|virtual network|networking"
    r"|compute engine",
)
BYTES = Meter(
    name="nat_gateway_bytes",
    usage=r"(^|-)NatGateway-(Prvd-)?Bytes$|^standard data processed$",
    told=r"data processed by nat gateway|nat gateway: data|cloud nat data processing",
)

IDLE_NAT_GATEWAY = Rule(
    name="idle_nat_gateway",
    kind="idle_candidate",
    what="candidate: NAT gateway without bytes",
    next_step="look at the route tables; delete it if none points to it",
    confidence="measured",
    meters=(HOURS, BYTES),
    find=lambda bill: unused(bill, HOURS, (BYTES,)),
)
