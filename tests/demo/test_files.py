"""The raw files: the same bytes every time, totals as planned, nobody's work overwritten."""

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from costper.demo.company import SPEND
from costper.demo.files import KEPT_SETTINGS, SETTINGS_FILE, company_files, write_company
from costper.errors import UserError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def company() -> dict[str, bytes]:
    return company_files()


def rows(content: bytes) -> Iterator[dict[str, str]]:
    return csv.DictReader(StringIO(content.decode()))


def test_the_same_seed_gives_the_same_bytes(company: dict[str, bytes]) -> None:
    assert company_files() == company


def test_another_seed_gives_another_world_of_the_same_size(company: dict[str, bytes]) -> None:
    other = company_files(7)
    assert other.keys() == company.keys()
    name = "bills/focus/2026-10.csv"
    assert other[name] != company[name]
    assert focus_total(other, "10", "EffectiveCost") == focus_total(company, "10", "EffectiveCost")


def focus_total(company: dict[str, bytes], month: str, column: str) -> Decimal:
    bill = rows(company[f"bills/focus/2026-{month}.csv"])
    return sum((Decimal(row[column]) for row in bill), Decimal(0))


@pytest.mark.parametrize("month", ["08", "09", "10"])
def test_a_month_is_billed_what_it_costs(company: dict[str, bytes], month: str) -> None:
    effective = focus_total(company, month, "EffectiveCost")
    assert focus_total(company, month, "BilledCost") == effective


def test_both_bills_of_october_make_the_round_total(company: dict[str, bytes]) -> None:
    engineering = rows(gzip.decompress(company["bills/cur/2026-10.csv.gz"]))
    unblended = sum((Decimal(row["lineItem/UnblendedCost"]) for row in engineering), Decimal(0))
    assert focus_total(company, "10", "EffectiveCost") + unblended == SPEND


def test_the_bills_have_the_quirks_of_real_ones(company: dict[str, bytes]) -> None:
    found = list(rows(company["bills/focus/2026-10.csv"]))
    assert {row["ChargeCategory"] for row in found} == {"Usage", "Purchase", "Tax", "Credit"}
    assert {row["CommitmentDiscountStatus"] for row in found} == {"", "Used", "Unused"}
    tags = {row["Tags"] for row in found}
    assert "{}" in tags
    for spelled in ('"env":"prod"', '"environment "', '"Environment":"Production"', '"Team"'):
        assert any(spelled in one for one in tags), spelled


def test_files_are_written_once(company: dict[str, bytes], tmp_path: Path) -> None:
    assert write_company(tmp_path / "demo", company, now=NOW) == (len(company), "")
    assert write_company(tmp_path / "demo", company, now=NOW) == (0, "")


def test_files_are_no_newer_than_the_sync_that_reads_them(
    company: dict[str, bytes], tmp_path: Path
) -> None:
    earlier = datetime(2020, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    write_company(tmp_path, company, now=earlier)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.stat().st_mtime <= earlier.timestamp() for path in files)


def test_a_damaged_file_is_written_again(company: dict[str, bytes], tmp_path: Path) -> None:
    write_company(tmp_path, company, now=NOW)
    (tmp_path / "rates.csv").write_text("half of")
    assert write_company(tmp_path, company, now=NOW) == (1, "")
    assert (tmp_path / "rates.csv").read_bytes() == company["rates.csv"]


def test_edited_settings_are_kept_beside_the_fresh_ones(
    company: dict[str, bytes], tmp_path: Path
) -> None:
    write_company(tmp_path, company, now=NOW)
    (tmp_path / SETTINGS_FILE).write_text("mine")
    assert write_company(tmp_path, company, now=NOW) == (1, KEPT_SETTINGS)
    assert (tmp_path / KEPT_SETTINGS).read_text() == "mine"
    assert write_company(tmp_path, company, now=NOW) == (0, "")


def test_a_folder_of_somebody_else_is_left_alone(company: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("ten years")
    with pytest.raises(UserError, match=r"thesis\.txt.*\n.*--dir"):
        write_company(tmp_path, company, now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_file_in_the_way_is_said(company: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("")
    with pytest.raises(UserError, match="is a file"):
        write_company(tmp_path / "demo", company, now=NOW)
