"""Read what a vendor's manifest says belongs to a delivery.

Three shapes are known. AWS Data Exports list `dataFiles` in
`metadata/BILLING_PERIOD=2026-08/…-Manifest.json`; the older Cost and Usage Reports list
`reportKeys` in `20260801-20260901/…-Manifest.json`; Azure exports list `blobs` with row counts in
`…/20260801-20260831/RUN/manifest.json`. A plain `manifest.json` may list `files`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

LISTS = ("dataFiles", "reportKeys", "blobs", "files")
NAMES = ("name", "blobName", "path", "key", "file")
_PERIOD = re.compile(r"billing_period=(\d{4})-(\d{2})", re.IGNORECASE)
_SPAN = re.compile(r"(?:^|/)(\d{4})(\d{2})\d{2}-\d{8}(?=/)")
_STAMP = re.compile(r"/(\d{8}T\d{6}[^/]*|\d{12,14})(?=/)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What one manifest says: the files of one snapshot, and how many rows they hold.

    `files` are written as the vendor did: an s3 address, a key, or a name beside the manifest.
    `export` tells apart exports that share a folder. `stamp` orders runs of one export where
    the vendor says when it was made; `current` is true where it stands above all runs.
    """

    name: str
    export: str
    files: tuple[str, ...]
    billing_period: date | None = None
    account: str = ""
    promised_rows: int | None = None
    stamp: str = ""
    modified: str = ""
    current: bool = True


def is_manifest(name: str) -> bool:
    """Say whether a file is named like a manifest.

    >>> is_manifest("a/metadata/BILLING_PERIOD=2026-08/focus-Manifest.json")
    True
    """
    return name.casefold().endswith("manifest.json")


def read_manifest(name: str, text: str, modified: str) -> Manifest | None:
    """Read a manifest; None when the JSON lists no files, so it is about something else.

    Raises ValueError when it is not JSON.
    """
    said = json.loads(text)
    if not isinstance(said, dict):
        return None
    told = cast("dict[str, Any]", said)
    listed = next((told[key] for key in LISTS if isinstance(told.get(key), list)), None)
    if listed is None:
        return None
    entries = cast("list[Any]", listed)
    run = _table(told.get("runInfo"))
    stamp = _STAMP.search(name)
    return Manifest(
        name=name,
        export=_export(name),
        files=tuple(_file(entry) for entry in entries),
        billing_period=_period(name, told, run),
        account=str(told.get("account", "")),
        promised_rows=_rows(told, entries),
        stamp=str(run.get("submittedTime") or (stamp.group(1) if stamp else "")),
        modified=modified,
        current=stamp is None and not run and str(told.get("assemblyId") or "//") not in name,
    )


def newest(manifests: Iterable[Manifest]) -> list[Manifest]:
    """Give the newest manifest of each export and billing period, oldest period first.

    Where the vendor keeps earlier runs, the one that stands above the runs is the current one,
    else the one made last.
    """
    kept: dict[tuple[str, date], Manifest] = {}
    for manifest in sorted(manifests, key=_age):
        kept[manifest.export, manifest.billing_period or date.min] = manifest
    return [kept[key] for key in sorted(kept, key=lambda key: (key[1], key[0]))]


def _age(manifest: Manifest) -> tuple[bool, str, str, str]:
    return manifest.current, manifest.stamp, manifest.modified, manifest.name


def _export(name: str) -> str:
    """Give the folder of the export: what comes before its period, and before `metadata`."""
    ends = [m.start() for m in (_PERIOD.search(name), _SPAN.search(name)) if m]
    folder = name[: min(ends)] if ends else name.rpartition("/")[0]
    return folder.strip("/").removesuffix("/metadata").removesuffix("metadata")


def _file(entry: object) -> str:
    table = _table(entry)
    return str(next((table[key] for key in NAMES if key in table), "")) if table else str(entry)


def _rows(told: Mapping[str, Any], entries: Sequence[Any]) -> int | None:
    counts = [_table(entry).get("dataRowCount") for entry in entries]
    if counts and all(isinstance(count, int) for count in counts):
        return sum(cast("list[int]", counts))
    total = next((told[k] for k in ("dataRowCount", "rowCount") if told.get(k)), None)
    return total if isinstance(total, int) else None


def _period(name: str, told: Mapping[str, Any], run: Mapping[str, Any]) -> date | None:
    found = _PERIOD.search(name) or _SPAN.search(name)
    if found:
        return date(int(found.group(1)), int(found.group(2)), 1)
    said = told.get("billingPeriod") or told.get("BillingPeriodStart") or run.get("startDate")
    digits = re.match(r"(\d{4})-?(\d{2})", str(_table(said).get("start") or said or ""))
    return date(int(digits.group(1)), int(digits.group(2)), 1) if digits else None


def _table(value: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
