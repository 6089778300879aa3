"""Read AWS Cost and Usage Reports: CUR 1.x and CUR 2.0, CSV or Parquet, from disk or S3.

    sources:
      aws:
        type: aws_cur
        path: bills/aws/*.csv.gz
        costs: unblended

`billed_cost` is the unblended cost of the line, `effective_cost` is amortised: what savings
plans and reservations cover costs its share of the commitment, and what nothing used is a
charge of its own with `commitment_discount_status` Unused. `costs: net` takes the columns net of
negotiated discounts where the report has them.

One source is one report: all files of a billing period are its whole, and a newer set replaces
it. Split cost allocation rows repeat the instances they run on; they are set aside, and counted.
A charge is estimated until its bill has an invoice number.
"""

from costper.sources.aws_cur.read import read
from costper.sources.aws_cur.settings import AwsCurSettings
from costper.sources.base import Source

SOURCE = Source(name="aws_cur", kind="bill", settings=AwsCurSettings, read=read)
