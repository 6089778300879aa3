"""Gather the files of a bill, from disk or S3, as its manifests say.

    batches = gather(settings, context)
    for batch in batches:
        opened = open_sheets(batch.files, context.workdir)
        ...RawBill(promised_files=batch.promised_files, promised_rows=batch.promised_rows,
                   billing_period=batch.billing_period, ...)

A folder or prefix with manifests gives one batch for each billing period: exactly the files the
newest manifest names, never what merely lies beside them. Files without a manifest are one
batch with `manifest` "".
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from glob import has_magic
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from costper.errors import SourceError, UserError
from costper.model.period import month_of
from costper.sources.base import ReadContext, SourceSettings
from costper.sources.manifest import Manifest, is_manifest, newest, read_manifest
from costper.sources.object_store import SCHEME, Bucket, keep_only, kept_of, s3_client
from costper.sources.paths import Found, find, folder, globbed, inside
from costper.sources.tree import Entry, Folder, Tree

DATA = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


class FileSettings(SourceSettings):
    """Where the files of a bill lie."""

    path: Annotated[
        tuple[Annotated[str, Field(min_length=1)], ...],
        BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...]),
        Field(min_length=1),
    ]
    """A file, a pattern (`*`, `?`, `**`), a folder, or `s3://bucket/prefix`; or a list of them."""
    outside: bool = False
    """Whether a local path may lead outside the folder of costper.yaml."""
    endpoint_url: str = ""
    """Address of an S3-compatible store other than Amazon's."""
    region: str = ""
    """Region of the bucket, where boto3 does not know it."""
    profile: str = ""
    """Profile of the shared AWS configuration to take credentials from."""

    def names_files(self) -> tuple[tuple[str, ...], bool]:
        """Give the paths, and whether they may lie outside the project."""
        return self.path, self.outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Files that make one snapshot when a manifest says so; else just files that were found.

    `promised_files` is how many the manifest names, whether or not they are there.
    """

    files: tuple[Found, ...]
    manifest: str = ""
    promised_files: int | None = None
    promised_rows: int | None = None
    billing_period: date | None = None
    account: str = ""


def gather(settings: FileSettings, context: ReadContext) -> list[Batch]:
    """Find the files a source's settings name, grouped by manifest where there is one.

    With a window, periods a manifest puts outside of it are not fetched. Raises UserError for
    a wrong path, SourceError for a store or manifest that cannot be read.
    """
    batches: list[Batch] = []
    loose: list[Found] = []
    keep_only(context.kept, [_kept(name, settings, context) for name in settings.path])
    for name in settings.path:
        tree, pattern = _tree(name, settings, context)
        if tree is None:
            loose.extend(find(name, context, outside=settings.outside))
            continue
        manifests = _manifests(tree) if not pattern else []
        batches.extend(_batch(tree, m) for m in manifests if _wanted(m, context))
        if not manifests:
            loose.extend(_loose(tree, pattern, context))
    files = tuple({found.origin: found for found in loose}.values())
    batches.extend([Batch(files=files)] if files else [])
    for found in (found for batch in batches for found in batch.files):
        if not found.origin.startswith(SCHEME):
            inside(found.path, context, outside=settings.outside)
    return batches


def unmet(settings: SourceSettings, context: ReadContext) -> Iterator[UserError]:
    """Say of each local path why nothing can be read there; stores are not asked."""
    names, outside = settings.names_files()
    for name in names:
        if name.startswith(SCHEME):
            continue
        try:
            path = folder(name, context, outside=outside)
            if path is None:
                find(name, context, outside=outside)
            elif not _manifests(tree := Folder(path, name.rstrip("/"))):
                _loose(tree, "", context)
        except UserError as error:
            yield error
        except SourceError:
            continue  # a manifest still being written: a sync tells


def present(settings: SourceSettings, context: ReadContext) -> Iterator[Found]:
    """Give the local files that lie where a sync would look, path by path; none where it fails."""
    names, outside = settings.names_files()
    for name in names:
        if name.startswith(SCHEME):
            continue
        try:
            path = folder(name, context, outside=outside)
            if path is None:
                yield from find(name, context, outside=outside)
            else:
                tree = Folder(path, name.rstrip("/"))
                yield from (tree.fetch(it) for it in tree.entries() if _is_data(it.name, ""))
        except UserError:
            continue


def glimpsed(settings: SourceSettings, root: Path) -> Iterator[tuple[str, int, int]]:
    """Give name, bytes and time of what lies at the local paths now, unchecked and quickly.

    It tells whether anything has changed; what may be read is for `present` to say.
    """
    names, _ = settings.names_files()
    for name in names:
        if name.startswith(SCHEME) or "\0" in name:
            continue
        path = root / Path(name).expanduser()
        pattern = f"{name.rstrip('/')}/**" if not has_magic(name) and path.is_dir() else name
        wanted = str(Path(pattern).expanduser())
        for found in globbed(wanted, root):
            try:
                stat = os.stat(root / found)  # noqa: PTH116 - several times as fast
            except OSError:  # gone since it was listed, or a link to nowhere
                continue
            yield found, stat.st_size, stat.st_mtime_ns


def by_manifest(settings: SourceSettings, context: ReadContext, name: str) -> bool:
    """Say whether manifests in a local folder decide which of its files are read."""
    _, outside = settings.names_files()
    path = folder(name, context, outside=outside)
    return path is not None and any(
        is_manifest(entry.name) for entry in Folder(path, name.rstrip("/")).entries()
    )


def _tree(name: str, settings: FileSettings, context: ReadContext) -> tuple[Tree | None, str]:
    """Give the tree a name stands for and the pattern within it; None for local files."""
    if not name.startswith(SCHEME):
        path = folder(name, context, outside=settings.outside)
        return (Folder(path, name.rstrip("/")) if path else None), ""
    address = urlsplit(name)
    key = name.removeprefix(f"{SCHEME}{address.netloc}").lstrip("/")
    if not address.netloc:
        raise UserError(
            f"{name!r} names no bucket", where=context.where, hint="say s3://bucket/prefix"
        )
    pattern = key if has_magic(key) else ""
    fixed = key[: min(key.index(c) for c in "*?[" if c in key)] if pattern else key
    client = s3_client(
        endpoint_url=settings.endpoint_url,
        region=settings.region,
        profile=settings.profile,
        where=context.where,
    )
    bucket = Bucket(
        client,
        address.netloc,
        fixed,
        context.workdir,
        context.where,
        partial=bool(pattern),
        kept=_kept(name, settings, context),
    )
    return bucket, pattern


def _kept(name: str, settings: FileSettings, context: ReadContext) -> Path | None:
    return kept_of(context.kept, name, settings.endpoint_url)


def _manifests(tree: Tree) -> list[Manifest]:
    found: list[Manifest] = []
    for entry in tree.entries():
        if is_manifest(entry.name):
            try:
                manifest = read_manifest(entry.name, tree.text(entry), entry.modified)
            except ValueError as error:
                raise SourceError(
                    f"the manifest is not JSON ({error})",
                    where=f"{tree.origin.rstrip('/')}/{entry.name}",
                    hint="it is cut off or still being written; try again",
                ) from error
            if manifest is not None:
                found.append(manifest)
    return newest(found)


def _batch(tree: Tree, manifest: Manifest) -> Batch:
    entries = {entry.name: entry for entry in tree.entries()}
    present = [_resolved(reference, manifest, entries) for reference in manifest.files]
    files = tuple(tree.fetch(entry) for entry in dict.fromkeys(present) if entry)
    return Batch(
        files=files,
        manifest=manifest.name,
        promised_files=len(manifest.files),
        promised_rows=manifest.promised_rows,
        billing_period=manifest.billing_period,
        account=manifest.account,
    )


def _resolved(reference: str, manifest: Manifest, entries: dict[str, Entry]) -> Entry | None:
    """Find the file a manifest names, though the tree may be a copy somewhere else."""
    key = reference
    if reference.startswith(SCHEME):
        key = reference.removeprefix(SCHEME).partition("/")[2]
    beside = f"{manifest.name.rpartition('/')[0]}/{key}".lstrip("/")
    steps = key.split("/")
    tails = ["/".join(steps[start:]) for start in range(len(steps))]
    moved = [f"{manifest.export}/{tail}".lstrip("/") for tail in tails]
    return next((entries[name] for name in (key, beside, *moved, *tails) if name in entries), None)


def _wanted(manifest: Manifest, context: ReadContext) -> bool:
    window, start = context.window, manifest.billing_period
    if window is None or start is None:
        return True
    return start < window.end and month_of(start).end > window.start


def _loose(tree: Tree, pattern: str, context: ReadContext) -> Sequence[Found]:
    names = [entry for entry in tree.entries() if _is_data(entry.name, pattern)]
    if not names:
        raise UserError(
            f"nothing to read in {tree.origin}",
            where=context.where,
            hint=f"files end in {', '.join(DATA)}",
        )
    return [tree.fetch(entry) for entry in names]


def _is_data(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) if pattern else name.casefold().endswith(DATA)
