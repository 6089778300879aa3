"""A bucket is read like a folder, through real boto3 against a served S3."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.sources.reading import charges, context_at, focus_csv, total
from tests.sources.test_gather import DATA_EXPORT, told

from costper.errors import SourceError, UserError
from costper.sources.focus_file import FocusSettings, read
from costper.sources.gather import FileSettings, gather
from costper.sources.object_store import Bucket, s3_client


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Serve an empty S3 and give its address."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def endpoint(server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", "none"),
        ("AWS_SHARED_CREDENTIALS_FILE", "none"),
    ):
        monkeypatch.setenv(name, value)
    return server


def put(endpoint: str, bucket: str, files: dict[str, str | bytes]) -> None:
    client = boto3.client("s3", endpoint_url=endpoint)
    client.create_bucket(Bucket=bucket)
    for key, text in files.items():
        client.put_object(Bucket=bucket, Key=key, Body=text)


def project(tmp_path: Path) -> Path:
    root = tmp_path / "p"
    root.mkdir()
    return root


def test_a_data_export_in_a_bucket_is_read_by_its_manifests(endpoint: str, tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"deep/{name}": text for name, text in DATA_EXPORT.items()}
    put(endpoint, "acme", files)
    settings = FileSettings(path=("s3://acme/deep/exp",), endpoint_url=endpoint)
    batches = gather(settings, context_at(project(tmp_path)))
    # The manifest's addresses lack the folder the export was copied to.
    assert [texts for _, _, texts in told(batches)] == [["jul1"], ["aug1", "aug2"]]
    assert batches[1].files[0].origin == (
        "s3://acme/deep/exp/data/BILLING_PERIOD=2026-08/exp-00001.csv"
    )


def test_a_prefix_is_a_folder_and_a_pattern_is_a_pattern(endpoint: str, tmp_path: Path) -> None:
    put(
        endpoint, "plain", {"b/1.csv": "1", "b/2.csv": "2", "bills/3.csv": "3", "b/": "", "b/x": ""}
    )
    context = context_at(project(tmp_path))

    def texts(path: str) -> list[str]:
        settings = FileSettings(path=(path,), endpoint_url=endpoint)
        return [
            file.path.read_text() for batch in gather(settings, context) for file in batch.files
        ]

    assert texts("s3://plain/b") == ["1", "2"]
    assert texts("s3://plain/b/") == ["1", "2"]
    assert texts("s3://plain/b/2.csv") == ["2"]
    assert texts("s3://plain/b*.csv") == ["1", "2", "3"]
    assert texts("s3://plain") == ["1", "2", "3"]


def test_a_bill_from_a_bucket_lands_with_its_address_as_origin(
    endpoint: str, tmp_path: Path
) -> None:
    name = "f/data/BILLING_PERIOD=2026-08/f-00001.csv.gz"
    manifest = f'{{"dataFiles": ["s3://bill/{name}"]}}'
    body = gzip.compress(focus_csv({"BilledCost": "0.1"}, {"BilledCost": "0.2"}).encode(), mtime=0)
    put(
        endpoint,
        "bill",
        {name: body, "f/metadata/BILLING_PERIOD=2026-08/f-Manifest.json": manifest},
    )
    settings = FocusSettings(path=("s3://bill/f",), endpoint_url=endpoint)
    outcome = read(settings, context_at(project(tmp_path)))
    assert outcome.issues == ()
    [bill] = outcome.items
    assert (bill.promised_files, bill.parts[0].origin) == (1, f"s3://bill/{name}")
    assert str(total(charges(bill))) == "0.300000000000000000000"


def test_a_bucket_that_is_not_there_says_what_is_needed(endpoint: str, tmp_path: Path) -> None:
    settings = FileSettings(path=("s3://nowhere/x",), endpoint_url=endpoint)
    with pytest.raises(SourceError, match="NoSuchBucket") as caught:
        gather(settings, context_at(project(tmp_path)))
    assert caught.value.where == "costper.yaml:7"
    assert "s3:ListBucket" in caught.value.hint


def test_an_empty_prefix_or_no_bucket_is_a_wrong_setting(endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "empty", {"a/readme.md": "x"})
    context = context_at(project(tmp_path))
    for path, says in (("s3://empty/a", "nothing to read"), ("s3://", "names no bucket")):
        with pytest.raises(UserError, match=says):
            gather(FileSettings(path=(path,), endpoint_url=endpoint), context)


def test_a_profile_nobody_configured_is_named(endpoint: str, tmp_path: Path) -> None:
    settings = FileSettings(path=("s3://acme/x",), endpoint_url=endpoint, profile="ghost")
    with pytest.raises(SourceError, match="ghost"):
        gather(settings, context_at(project(tmp_path)))


@dataclass
class Desk:
    """A bucket read again and again, as by one sync after another, and what each asked for."""

    endpoint: str
    folder: Path
    name: str
    asked: list[str] = field(default_factory=list[str])

    def bucket(self) -> Bucket:
        client = s3_client(endpoint_url=self.endpoint, region="", profile="", where="")
        client.meta.events.register("before-call.s3", self._note)
        work = self.folder / f"work-{len(list(self.folder.iterdir()))}"
        work.mkdir()
        self.asked.clear()
        return Bucket(client, self.name, "", work, "", kept=self.folder / "kept")

    def texts(self) -> list[str]:
        bucket = self.bucket()
        return [bucket.fetch(entry).path.read_text() for entry in bucket.entries()]

    def copies(self) -> int:
        return len(list((self.folder / "kept").iterdir()))

    def _note(self, model: object, **_: object) -> None:
        self.asked.append(str(getattr(model, "name", "")))


def test_what_is_unchanged_is_not_fetched_again(endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "same", {"a/1.csv": "one", "b/1.csv": "two"})
    desk = Desk(endpoint, tmp_path, "same")
    assert desk.texts() == ["one", "two"]
    assert desk.asked.count("GetObject") == 2
    assert desk.texts() == ["one", "two"]
    assert desk.asked == ["ListObjectsV2"]


def test_what_changed_is_fetched_and_what_went_is_dropped(endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "moving", {"1.csv": "one", "2.csv": "two", "3.csv": "six"})
    desk = Desk(endpoint, tmp_path, "moving")
    desk.texts()
    client = boto3.client("s3", endpoint_url=endpoint)
    client.put_object(Bucket="moving", Key="2.csv", Body="TWO")
    client.delete_object(Bucket="moving", Key="3.csv")
    assert desk.texts() == ["one", "TWO"]
    assert desk.asked.count("GetObject") == 1
    assert desk.copies() == 2


def test_a_copy_that_was_cut_off_is_fetched_again(endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "cut", {"1.csv": "whole"})
    desk = Desk(endpoint, tmp_path, "cut")
    desk.texts()
    (copy,) = (tmp_path / "kept").iterdir()
    copy.write_text("who")
    assert desk.texts() == ["whole"]


def test_an_object_that_changes_while_it_is_read_is_not_kept(endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "quick", {"1.csv": "old"})
    desk = Desk(endpoint, tmp_path, "quick")
    bucket = desk.bucket()
    (entry,) = bucket.entries()
    boto3.client("s3", endpoint_url=endpoint).put_object(Bucket="quick", Key="1.csv", Body="new")
    assert bucket.fetch(entry).path.read_text() == "new"
    boto3.client("s3", endpoint_url=endpoint).put_object(Bucket="quick", Key="1.csv", Body="old")
    assert desk.texts() == ["old"]


def test_copies_from_an_address_no_longer_named_are_dropped(endpoint: str, tmp_path: Path) -> None:
    put(endpoint, "first", {"1.csv": "1"})
    put(endpoint, "second", {"2.csv": "2"})
    root = project(tmp_path)
    kept = tmp_path / "kept"
    for names, folders in ((("first", "second"), 2), (("second",), 1)):
        settings = FileSettings(path=tuple(f"s3://{name}" for name in names), endpoint_url=endpoint)
        gather(settings, replace(context_at(root), kept=kept))
        assert len(list(kept.iterdir())) == folders
