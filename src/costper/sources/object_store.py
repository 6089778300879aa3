"""Read a bucket of S3, or of anything that speaks its language, as a tree of files.

Secrets come only through boto3's own chain: environment, profile, instance role.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
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

SCHEME = "s3://"


@dataclass(slots=True)
class Bucket:
    """A bucket below a prefix; `where` is the file:line of the setting that names it.

    The prefix is a folder or one file, unless `partial`: then names only begin with it.
    """

    client: S3Client
    name: str
    prefix: str
    workdir: Path
    where: str
    partial: bool = False
    fetched: int = 0
    listed: list[Entry] = field(default_factory=list[Entry])

    @property
    def origin(self) -> str:
        """The address people know it by."""
        return f"{SCHEME}{self.name}/{self.prefix}"

    def entries(self) -> list[Entry]:
        """List what lies below the prefix, by key."""
        if not self.listed:
            with self._told(self.origin):
                pages = self.client.get_paginator("list_objects_v2")
                for page in pages.paginate(Bucket=self.name, Prefix=self.prefix):
                    for one in page.get("Contents", []):
                        stamp = one["LastModified"].isoformat() if "LastModified" in one else ""
                        self.listed.append(Entry(one.get("Key", ""), stamp))
        return sorted(entry for entry in self.listed if self._holds(entry.name))

    def text(self, entry: Entry) -> str:
        """Read a small file."""
        with self._told(entry.name):
            body = self.client.get_object(Bucket=self.name, Key=entry.name)["Body"]
            return body.read().decode("utf-8-sig")

    def fetch(self, entry: Entry) -> Found:
        """Copy a file to the working folder."""
        self.fetched += 1
        # The key is never a local path: it may hold `..`, or be longer than a name may be.
        target = self.workdir / f"s3-{self.fetched:06}-{Path(entry.name).name[-60:]}"
        with self._told(entry.name):
            self.client.download_file(self.name, entry.name, str(target))
        return Found(target, f"{SCHEME}{self.name}/{entry.name}")

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
