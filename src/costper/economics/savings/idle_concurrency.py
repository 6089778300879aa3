"""Functions whose provisioned concurrency is charged while nothing calls them.

AWS charges what is kept ready (Lambda-Provisioned-Concurrency) apart from what runs on it
(Lambda-Provisioned-GB-Second) and from calls (Request), under the same function. One that is kept
ready on at least 7 days of the period without either is a candidate.

    Lambda-Provisioned-Concurrency   arn:…:function:report   kept ready
    Request                          no line
"""

from __future__ import annotations

from costper.economics.savings.base import Meter, Rule, unused

READY = Meter(
    name="provisioned_concurrency",
    usage=r"(^|-)Lambda-Provisioned-Concurrency(-ARM)?$",
    told=r"aws lambda - provisioned concurrency",
)
CALLS = Meter(
    name="function_calls",
    usage=r"(^|-)(Lambda-Provisioned-GB-Second|Lambda-GB-Second|Request)(-ARM)?$",
    told=r"aws lambda - (total )?(requests|compute|duration)",
    service=r"lambda",
)

IDLE_CONCURRENCY = Rule(
    name="idle_concurrency",
    kind="idle_candidate",
    what="candidate: function kept ready and never called",
    next_step="remove its provisioned concurrency",
    confidence="measured",
    meters=(READY, CALLS),
    find=lambda bill: unused(bill, READY, (CALLS,)),
)
