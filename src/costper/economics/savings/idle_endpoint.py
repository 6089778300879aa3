"""Private endpoints that are charged by the hour while no line tells of bytes.

AWS charges an interface endpoint by the hour (VpcEndpoint-Hours) and its bytes beside that
(VpcEndpoint-Bytes), under the same resource. One that is there on at least 7 days of the period
without any byte is a candidate.

    VpcEndpoint-Hours   arn:…:vpc-endpoint/vpce-0a1b   24 h a day
    VpcEndpoint-Bytes   no line
"""

from __future__ import annotations

from costper.economics.savings.base import Meter, Rule, unused

HOURS = Meter(
    name="endpoint_hours",
    usage=r"(^|-)VpcEndpoint-(GWLBE-)?Hours$",
    told=r"vpc endpoint hour",
)
BYTES = Meter(
    name="endpoint_bytes",
    usage=r"(^|-)VpcEndpoint-(GWLBE-)?Bytes$",
    told=r"data processed by (vpc|interface) endpoint",
)

IDLE_ENDPOINT = Rule(
    name="idle_endpoint",
    kind="idle_candidate",
    what="candidate: private endpoint without bytes",
    next_step="delete it if nothing in its network calls the service",
    confidence="measured",
    meters=(HOURS, BYTES),
    find=lambda bill: unused(bill, HOURS, (BYTES,)),
)
