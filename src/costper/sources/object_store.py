"""Read a bucket of S3, or of anything that speaks its language, as a tree of files.

What was fetched is kept for as long as the bucket lists it unchanged, by key, entity tag and
size, so that a sync of an unchanged bucket is one listing. Secrets come only through boto3's own
chain: environment, profile, instance role.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from costper.errors import SourceError
from costper.sources.paths import Found
from costper.sources.tree import Entry

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ObjectTypeDef

SCHEME = "s3://"


@dataclass(slots=True)
class Bucket:
    """A bucket below a prefix; `where` is the file:line of the setting that names it.

    The prefix is a folder or one file, unless `partial`: then names only begin with it. `kept`
    is the folder of this bucket and prefix that outlives a sync; None keeps nothing.
    """

    client: S3Client
    name: str
    prefix: str
    workdir: Path
    where: str
    partial: bool = False
    kept: Path | None = None
    fetched: int = 0
    listed: list[Entry] = field(default_factory=list[Entry])

    @property
    def origin(self) -> str:
        """The address people know it by."""
        return f"{SCHEME}{self.name}/{self.prefix}"

    def entries(self) -> list[Entry]:
        """List what lies below the prefix, by key; copies of what is there no more are dropped."""
        if not self.listed:
            with self._told(self.origin):
                pages = self.client.get_paginator("list_objects_v2")
                for page in pages.paginate(Bucket=self.name, Prefix=self.prefix):
                    self.listed.extend(_entry(one) for one in page.get("Contents", []))
            self._sweep()
        return sorted(entry for entry in self.listed if self._holds(entry.name))

    def text(self, entry: Entry) -> str:
        """Read a small file."""
        return self._local(entry).read_text(encoding="utf-8-sig")

    def fetch(self, entry: Entry) -> Found:
        """Give a file as a local one."""
        return Found(self._local(entry), f"{SCHEME}{self.name}/{entry.name}")

    def _local(self, entry: Entry) -> Path:
        """Give the copy that is kept, or make one; one that changed since is for this sync only."""
        copy = self._copy(entry)
        if copy is not None and copy.is_file() and copy.stat().st_size == entry.size:
            return copy
        self.fetched += 1
        # The key is never a local path: it may hold `..`, or be longer than a name may be.
        target = self.workdir / f"s3-{self.fetched:06}-{Path(entry.name).name[-60:]}"
        with self._told(entry.name):
            self.client.download_file(self.name, entry.name, str(target))
            if copy is None or not self._is_still(entry):
                return target
        copy.parent.mkdir(parents=True, exist_ok=True)
        with target.open("rb") as written:
            os.fsync(written.fileno())  # a power cut must not leave a name without its bytes
        return target.replace(copy)

    def _copy(self, entry: Entry) -> Path | None:
        if self.kept is None or not entry.tag:
            return None
        known = f"{entry.name}\0{entry.tag}\0{entry.size}"
        # The end of the name is kept: it says of what kind the file is.
        return self.kept / f"{_hashed(known)}-{Path(entry.name).name[-60:]}"

    def _is_still(self, entry: Entry) -> bool:
        """Say whether the bucket, once asked again, holds what it listed."""
        now = self.client.head_object(Bucket=self.name, Key=entry.name)
        return (now["ETag"], now["ContentLength"]) == (entry.tag, entry.size)

    def _sweep(self) -> None:
        if self.kept is not None and self.kept.is_dir():
            wanted = {self._copy(entry) for entry in self.listed}
            for path in self.kept.iterdir():
                if path not in wanted:
                    path.unlink()

    def _holds(self, key: str) -> bool:
        folder = f"{self.prefix.rstrip('/')}/" if self.prefix else ""
        named = self.partial or key == self.prefix or key.startswith(folder)
        return named and not key.endswith("/")

    @contextmanager
    def _told(self, what: str) -> Generator[None]:
        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise SourceError(
                f"{SCHEME}{self.name} could not be read: {error} ({what})",
                where=self.where,
                hint="needs s3:ListBucket and s3:GetObject; credentials come from the"
                " environment, `profile`, or the machine's role",
            ) from error


def kept_of(folder: Path | None, name: str, endpoint_url: str) -> Path | None:
    """Give the folder below a source's own in which copies from this address are kept."""
    return folder / _hashed(f"{endpoint_url}\0{name}") if folder is not None else None


def keep_only(folder: Path | None, wanted: Iterable[Path | None]) -> None:
    """Drop the copies from addresses that a source names no more."""
    if folder is not None and folder.is_dir():
        for path in set(folder.iterdir()) - set(wanted):
            shutil.rmtree(path, ignore_errors=True)


def _entry(one: ObjectTypeDef) -> Entry:
    stamp = one["LastModified"].isoformat() if "LastModified" in one else ""
    return Entry(one.get("Key", ""), stamp, one.get("ETag", ""), one.get("Size", 0))


def _hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:40]


def s3_client(*, endpoint_url: str, region: str, profile: str, where: str) -> S3Client:
    """Make a client from boto3's own chain of settings; "" leaves a setting to that chain."""
    try:
        session = boto3.Session(profile_name=profile or None, region_name=region or None)
        made: S3Client = session.client(
            "s3",
            endpoint_url=endpoint_url or None,
            config=Config(retries={"mode": "standard", "total_max_attempts": 5}),
        )
    except (BotoCoreError, ValueError) as error:
        raise SourceError(
            f"S3 cannot be reached: {error}", where=where, hint="check profile and endpoint_url"
        ) from error
    return made
