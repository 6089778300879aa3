"""Read Azure Cost Management exports: ActualCost, AmortizedCost or both, CSV or Parquet.

    sources:
      azure:
        type: azure_cost
        actual: bills/azure/actual/*.csv
        amortized: bills/azure/amortized/*.csv

The two exports tell the same money twice, so they are never added: a row of the actual export
carries billed_cost and no effective_cost, a row of the amortised export effective_cost and no
billed_cost. Their sums are the sums of the exports. With only one given, both costs come from it
and a warning says so; with both, they must tell of the same months.

EA, MCA and camelCase headers, version 1 and 2, are read; dates may be American, tags may lack
their braces. Unused reservations and savings plans are Usage with commitment_discount_status
Unused. A file given as the wrong kind is refused where its rows show it.
"""

from costper.sources.azure_cost.read import read
from costper.sources.azure_cost.settings import AzureCostSettings
from costper.sources.base import Source

SOURCE = Source(name="azure_cost", kind="bill", settings=AzureCostSettings, read=read)
