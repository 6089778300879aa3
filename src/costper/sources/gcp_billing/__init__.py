"""Read Google Cloud billing exports: standard or detailed, CSV, JSON lines or Parquet.

    sources:
      google:
        type: gcp_billing
        path: bills/gcp/*.jsonl.gz

A row of the export is its cost and any number of credits. The cost is a charge; every credit is
a charge of its own, of category Credit, with the same project, service, labels and period, so
that net = cost + credits and both stay visible. The billing period is `invoice.month`, also
where the usage lies in another month; the charge period stays the usage's own.

Labels become tags under their own key, project labels under `project/KEY`, system labels under
`system/KEY` and resource tags under `tag/KEY`. The files are the whole of their invoice months
unless `mode: append` says that they add to them.
"""

from costper.sources.base import Source
from costper.sources.gcp_billing.read import read
from costper.sources.gcp_billing.settings import GcpBillingSettings

SOURCE = Source(name="gcp_billing", kind="bill", settings=GcpBillingSettings, read=read)
