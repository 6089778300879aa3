"""Load balancers that are charged by the hour while no line tells of traffic.

AWS charges every load balancer by the hour (LoadBalancerUsage) and its traffic beside that, as
capacity units (LCUUsage) or bytes (DataProcessing-Bytes), under the same resource. One that is
there on at least 7 days of the period without any such line is a candidate.

    LoadBalancerUsage   arn:…:loadbalancer/app/old/50dc6c495c0c9188   24 h a day
    LCUUsage            no line
"""

from __future__ import annotations

from costper.economics.savings.base import Meter, Rule, unused

HOURS = Meter(
    name="load_balancer_hours",
    usage=r"(^|-)LoadBalancerUsage$",
    told=r"load ?balancer-hour",
)
TRAFFIC = Meter(
    name="load_balancer_traffic",
    usage=r"(^|-)(LCUUsage|ReservedLCUUsage|DataProcessing-Bytes)$",
    told=r"load ?balancer capacity unit|data processed by the (elastic )?load ?balancer",
    service=r"load balanc|elb|ec2|elastic compute|^$",  # CloudWatch has DataProcessing-Bytes too
)

IDLE_LOAD_BALANCER = Rule(
    name="idle_load_balancer",
    kind="idle_candidate",
    what="candidate: load balancer without traffic",
    next_step="look at its targets; delete it if nothing listens",
    confidence="measured",
    meters=(HOURS, TRAFFIC),
    find=lambda bill: unused(bill, HOURS, (TRAFFIC,)),
)
