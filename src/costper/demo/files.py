"""Every raw file of the demo company: its path, its bytes, and how they get onto the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from pathlib import Path

from costper.demo.calibration import dedicated_cost
from costper.demo.call_files import call_files
from costper.demo.company import MONTHS, SEED
from costper.demo.cur_bill import cur_file
from costper.demo.customers import customers_csv, rates_csv
from costper.demo.dedicated import dedicated_in
from costper.demo.engineering import engineering_charges
from costper.demo.focus_bill import focus_csv
from costper.demo.product import product_files
from costper.demo.production import bill_order, dedicated_charges, shared_charges
from costper.demo.usage import METRICS, Readings, readings, usage_csv
from costper.errors import UserError
from costper.model.period import Period

SETTINGS_FILE = "costper.yaml"
KEPT_SETTINGS = "costper.yaml.yours"
BOOKS = ".costper"


def company_files(seed: int = SEED) -> dict[str, bytes]:
    """Give every file by its path, the same bytes for the same seed."""
    measured = readings(seed)
    found = {
        SETTINGS_FILE: files("costper.demo").joinpath(SETTINGS_FILE).read_bytes(),
        "customers.csv": customers_csv().encode(),
        "rates.csv": rates_csv().encode(),
        **product_files(seed),
        **call_files(seed),
    }
    for metric in METRICS:
        found[f"usage/{metric}.csv"] = usage_csv(measured, metric).encode()
    for month in MONTHS:
        name = f"{month.start:%Y-%m}"
        charges = engineering_charges(seed, month)
        found[f"bills/focus/{name}.csv"] = _production_bill(seed, month, measured)
        found[f"bills/cur/{name}.csv.gz"] = cur_file(charges, month)
    return found


def _production_bill(seed: int, month: Period, measured: Readings) -> bytes:
    """Write a bill in which the worst customer's total comes out round."""
    shared = shared_charges(seed, month)
    own = dedicated_in(month, dedicated_cost(shared, measured, month))
    charges = sorted((*shared, *dedicated_charges(seed, month, own)), key=bill_order)
    return focus_csv(charges, month).encode()


def write_company(folder: Path, company: Mapping[str, bytes], *, now: datetime) -> tuple[int, str]:
    """Write the files that are not there yet, byte by byte, and say how many those were.

    A costper.yaml that was edited is kept beside the fresh one; its new name is given back. The
    files are of `now`, which the sync that reads them is of too: else they would seem to have
    changed since.

    Raises:
        UserError: the folder holds files that are not the demo company's.
    """
    _refuse_foreign(folder, company)
    kept = _keep_edited(folder, company[SETTINGS_FILE])
    written = 0
    for name, content in company.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written += 1
        _date(path, now)
    return written, kept


def _date(path: Path, now: datetime) -> None:
    latest = int(now.timestamp())
    if path.stat().st_mtime > latest:
        os.utime(path, (latest, latest))


def _refuse_foreign(folder: Path, company: Mapping[str, bytes]) -> None:
    """Leave a folder alone that is somebody's own work."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is a file", hint="name another folder with --dir")
    known = {*company, KEPT_SETTINGS}
    found = sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] != BOOKS
    )
    foreign = [name for name in found if name not in known]
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise UserError(
            f"{folder}/ holds files that are not the demo company's: {foreign[0]}{more}",
            hint="move them away, or name another folder with --dir",
        )


def _keep_edited(folder: Path, fresh: bytes) -> str:
    path = folder / SETTINGS_FILE
    if not path.is_file() or path.read_bytes() == fresh:
        return ""
    path.replace(folder / KEPT_SETTINGS)
    return KEPT_SETTINGS
