"""A manifest decides which files are a delivery; what lies beside them is not read."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sources.reading import context_at

from costper.errors import SourceError, UserError
from costper.model.period import Period
from costper.sources.gather import Batch, FileSettings, gather
from costper.sources.manifest import newest, read_manifest

DATA_EXPORT = {
    "exp/data/BILLING_PERIOD=2026-07/exp-00001.csv": "jul1",
    "exp/data/BILLING_PERIOD=2026-08/exp-00001.csv": "aug1",
    "exp/data/BILLING_PERIOD=2026-08/exp-00002.csv": "aug2",
    "exp/data/BILLING_PERIOD=2026-08/exp-00003.csv": "left over from before",
    "exp/metadata/BILLING_PERIOD=2026-07/exp-Manifest.json": json.dumps(
        {"dataFiles": ["s3://acme/exp/data/BILLING_PERIOD=2026-07/exp-00001.csv"]}
    ),
    "exp/metadata/BILLING_PERIOD=2026-08/exp-Manifest.json": json.dumps(
        {
            "dataFiles": [
                "s3://acme/exp/data/BILLING_PERIOD=2026-08/exp-00001.csv",
                "s3://acme/exp/data/BILLING_PERIOD=2026-08/exp-00002.csv",
            ]
        }
    ),
}


def written(root: Path, files: dict[str, str]) -> Path:
    """Write a tree; later files are younger."""
    for age, (name, text) in enumerate(files.items()):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        os.utime(path, (1_700_000_000 + age, 1_700_000_000 + age))
    return root


def told(batches: list[Batch]) -> list[tuple[date | None, int | None, list[str]]]:
    return [
        (b.billing_period, b.promised_files, [f.path.read_text() for f in b.files]) for b in batches
    ]


@pytest.mark.parametrize("path", [".", "exp", "exp/"])
def test_a_data_export_is_read_by_its_manifests_wherever_its_folder_was_copied(
    tmp_path: Path, path: str
) -> None:
    root = written(tmp_path / "p", DATA_EXPORT)
    assert told(gather(FileSettings(path=(path,)), context_at(root))) == [
        (date(2026, 7, 1), 1, ["jul1"]),
        (date(2026, 8, 1), 2, ["aug1", "aug2"]),
    ]


def test_a_window_leaves_other_periods_alone(tmp_path: Path) -> None:
    root = written(tmp_path / "p", DATA_EXPORT)
    window = Period(date(2026, 8, 3), date(2026, 8, 9))
    batches = gather(FileSettings(path=("exp",)), context_at(root, window=window))
    assert [batch.billing_period for batch in batches] == [date(2026, 8, 1)]


def test_a_file_the_manifest_names_and_nobody_finds_is_still_promised(tmp_path: Path) -> None:
    root = written(tmp_path / "p", DATA_EXPORT)
    (root / "exp/data/BILLING_PERIOD=2026-08/exp-00002.csv").unlink()
    batches = gather(FileSettings(path=("exp",)), context_at(root))
    assert told(batches)[1] == (date(2026, 8, 1), 2, ["aug1"])


def test_of_executions_kept_side_by_side_the_newest_counts(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for run in ("20260810T010000.000Z-b", "20260802T010000.000Z-a", "20260809T230000.000Z-c"):
        data = f"exp/data/BILLING_PERIOD=2026-08/{run}/exp-00001.csv"
        files[data] = run
        files[f"exp/metadata/BILLING_PERIOD=2026-08/{run}/exp-Manifest.json"] = json.dumps(
            {"dataFiles": [f"s3://acme/{data}"]}
        )
    root = written(tmp_path / "p", files)
    assert told(gather(FileSettings(path=("exp",)), context_at(root))) == [
        (date(2026, 8, 1), 1, ["20260810T010000.000Z-b"])
    ]


def test_a_cost_and_usage_report_is_read_by_the_manifest_above_its_assemblies(
    tmp_path: Path,
) -> None:
    def manifest(assembly: str) -> str:
        key = f"cur/acme/20260801-20260901/{assembly}/acme-1.csv"
        period = {"start": "20260801T000000.000Z", "end": "20260901T000000.000Z"}
        said = {"assemblyId": assembly, "account": "12", "reportKeys": [key]}
        return json.dumps(said | {"billingPeriod": period})

    span = "acme/20260801-20260901"
    root = written(
        tmp_path / "p",
        {
            f"{span}/acme-Manifest.json": manifest("now"),
            f"{span}/now/acme-Manifest.json": manifest("now"),
            f"{span}/now/acme-1.csv": "now",
            f"{span}/old/acme-Manifest.json": manifest("old"),
            f"{span}/old/acme-1.csv": "old",
        },
    )
    batches = gather(FileSettings(path=("acme",)), context_at(root))
    assert told(batches) == [(date(2026, 8, 1), 1, ["now"])]
    assert batches[0].account == "12"


def test_an_azure_export_counts_its_rows_and_takes_the_last_run(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for hour, run in ((5, "r2"), (3, "r1")):
        folder = f"focus/20260801-20260831/{run}"
        files[f"{folder}/part_0.csv"] = run
        files[f"{folder}/manifest.json"] = json.dumps(
            {
                "blobs": [{"blobName": f"box/{folder}/part_0.csv", "dataRowCount": 17}],
                "runInfo": {
                    "submittedTime": f"2026-08-09T0{hour}:00:00Z",
                    "startDate": "2026-08-01T00:00:00",
                },
            }
        )
    root = written(tmp_path / "p", files)
    batches = gather(FileSettings(path=("focus",)), context_at(root))
    assert told(batches) == [(date(2026, 8, 1), 1, ["r2"])]
    assert batches[0].promised_rows == 17


def test_a_plain_manifest_names_files_beside_it(tmp_path: Path) -> None:
    said = {"files": ["a.csv", {"name": "b.csv"}], "billingPeriod": "2026-08", "rowCount": 9}
    files = {"d/a.csv": "a", "d/b.csv": "b", "d/c.csv": "c", "d/manifest.json": json.dumps(said)}
    root = written(tmp_path / "p", files)
    batches = gather(FileSettings(path=("d",)), context_at(root))
    assert told(batches) == [(date(2026, 8, 1), 2, ["a", "b"])]
    assert batches[0].promised_rows == 9


def test_exports_side_by_side_do_not_hide_each_other(tmp_path: Path) -> None:
    other = {name.replace("exp", "two"): text for name, text in DATA_EXPORT.items()}
    renamed = {name: text.replace("exp", "two") for name, text in other.items()}
    root = written(tmp_path / "p", DATA_EXPORT | renamed)
    batches = gather(FileSettings(path=(".",)), context_at(root))
    assert [batch.billing_period for batch in batches] == [date(2026, 7, 1)] * 2 + [
        date(2026, 8, 1)
    ] * 2


def test_a_manifest_about_something_else_is_passed_over(tmp_path: Path) -> None:
    root = written(tmp_path / "p", {"d/manifest.json": '{"name": "web app"}', "d/a.csv": "a"})
    assert told(gather(FileSettings(path=("d",)), context_at(root))) == [(None, None, ["a"])]


def test_a_half_written_manifest_is_an_error_that_names_it(tmp_path: Path) -> None:
    root = written(tmp_path / "p", {"d/manifest.json": '{"files": ["a', "d/a.csv": "a"})
    with pytest.raises(SourceError, match="not JSON") as caught:
        gather(FileSettings(path=("d",)), context_at(root))
    assert caught.value.where == "d/manifest.json"


def test_a_folder_without_manifest_gives_its_data_files(tmp_path: Path) -> None:
    files = {"d/a.csv": "a", "d/e/b.PARQUET": "b", "d/readme.md": "no", "d/.hidden.csv": "no"}
    root = written(tmp_path / "p", files)
    assert told(gather(FileSettings(path=("d",)), context_at(root))) == [(None, None, ["a", "b"])]
    (root / "none").mkdir()
    with pytest.raises(UserError, match="nothing to read"):
        gather(FileSettings(path=("none",)), context_at(root))


def test_a_link_inside_a_folder_cannot_lead_out_of_the_project(tmp_path: Path) -> None:
    root = written(tmp_path / "p", {"d/a.csv": "a"})
    (tmp_path / "secret.csv").write_text("x")
    (root / "d" / "b.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(UserError, match="outside the project"):
        gather(FileSettings(path=("d",)), context_at(root))


@given(st.permutations(range(4)))
def test_the_newest_manifest_does_not_depend_on_the_order_of_listing(order: list[int]) -> None:
    found = [
        read_manifest(
            f"e/metadata/BILLING_PERIOD=2026-08/2026081{n}T000000Z-x/e-Manifest.json",
            json.dumps({"dataFiles": [str(n)]}),
            f"2026-08-1{3 - n}",
        )
        for n in order
    ]
    assert [m.files for m in newest(m for m in found if m)] == [("3",)]
