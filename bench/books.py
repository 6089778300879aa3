"""Settings of the benchmark's company: one bill, one usage file a month, five shared services."""

from __future__ import annotations

from pathlib import Path

from costper.allocation.drivers import DRIVERS
from costper.config.load import load_settings
from costper.config.settings import Settings
from costper.sources import SOURCES

CONFIG = """\
organisation: Bench
currency: USD
sources:
  bill: {{type: focus_file, path: "{bills}/*.parquet", outside: true}}
  requests:
    type: parquet
    path: "{usage}/*.parquet"
    outside: true
    date: day
    value: requests
    dimensions: {{customer: customer, service: service}}
{source}customers: {{type: csv, path: "{customers}", outside: true}}
store: {{memory_limit_gib: {memory_gib}, threads: 2}}
allocation:
  - {{rule: dedicated, match: {{customer: present}}, driver: direct}}
  - rule: shared
    match: {{service: "shared-*"}}
    driver: by_quantity
    quantity: requests
{metrics}"""


def bench_settings(
    folder: Path,
    *,
    bills: Path,
    usage: Path,
    customers: Path,
    memory_gib: int = 4,
    numbers: tuple[str, str] = ("", ""),
) -> Settings:
    """Write costper.yaml into `folder` and read it as a user's would be.

    `numbers` are the lines of one more source, and those of the metrics read from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "costper.yaml"
    source, metrics = numbers
    path.write_text(
        CONFIG.format(
            bills=bills,
            usage=usage,
            customers=customers,
            memory_gib=memory_gib,
            source=source,
            metrics=metrics,
        )
    )
    return load_settings(path, catalogue=SOURCES, drivers=tuple(DRIVERS), environment={})
