"""Read an AWS bill from Cost Explorer: quick to start, aggregate, a cent a page.

    bill:
      type: aws_cost_explorer
      tags: [team, customer, environment]   # activated cost allocation tags
      profile: billing                      # left out: boto3's own chain of credentials
      requests_max: 100                     # $1.00 a sync at most; it stops before, not after

Prefer Data Exports (`focus_file`, `aws_cur`): they are free and have each resource and invoice.
Cost Explorer sums: one row is a day, account, service, record type and combination of the tags
listed. It groups by two keys at most, so the other keys are fixed by filters, one question for
each value; every cent is in exactly one row. An ungrouped question tells each day's total; what
the rows lack of it is a row of service `(remainder)` and a warning.

Each sync asks again from the first day of the previous month and replaces those months, so a
tag that vanished there vanishes here. Today is left out: it is not over. Days AWS may still
change are marked estimated.

Costs: billed_cost is UnblendedCost, effective_cost NetAmortizedCost, contracted and list cost
are not told and repeat billed_cost. Credits, refunds, tax and fees are rows of their own. The
only permission needed is `ce:GetCostAndUsage`. See docs/manual/sources/aws_cost_explorer.md.
"""

from costper.sources.aws_cost_explorer.read import read
from costper.sources.aws_cost_explorer.settings import CostExplorerSettings
from costper.sources.base import Source

SOURCE = Source(name="aws_cost_explorer", kind="bill", settings=CostExplorerSettings, read=read)
