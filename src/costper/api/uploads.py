"""Files that are sent to a source: streamed to the disk, however long, and put in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from costper.api.callers import Caller
from costper.api.counters import Counters
from costper.api.encoding import encoded
from costper.api.parameters import Parameter, read
from costper.api.posts import JSON, check_writes
from costper.api.problems import Problem
from costper.errors import BusyError, CostperError, UnknownNameError, UserError
from costper.model.answer import Answer
from costper.pipeline.data_sources.files import RefusedError, own_words
from costper.pipeline.data_sources.upload import (
    OtherFileError,
    TooLongError,
    Upload,
    Uploaded,
)
from costper.store.books import Books

PATH = "/api/v1/sources/{name}/files/{filename}"
NAME = "upload"
SUMMARY = "Put a file among those of a source that reads local files; a sync then reads it."
KINDS = (
    "application/octet-stream",
    "text/csv",
    "text/tab-separated-values",
    "application/csv",
    "application/gzip",
    "application/x-gzip",
    "application/parquet",
    "application/vnd.apache.parquet",
    "application/vnd.ms-excel",
)
"""What a body may say it is. A page of elsewhere cannot send any of them unasked."""

REPLACE = Parameter(
    name="replace",
    kind="text",
    choices=("true", "false"),
    summary="Whether another file of this name may be lost; else it is refused (409).",
)
LONGEST = 2 * 2**30
"""Bytes of a file that is sent; larger ones are put in the folder by hand."""

AT_ONCE = 2**20
"""So many bytes are gathered before they are written."""

PROBLEMS: tuple[tuple[type[CostperError], tuple[int, str, str]], ...] = (
    (UnknownNameError, (404, "unknown-name", "")),
    (BusyError, (409, "sync-running", "")),
    (OtherFileError, (409, "other-file", "filename")),
    (RefusedError, (409, "not-of-source", "filename")),
    (UserError, (400, "bad-file", "filename")),
)
"""What a refusal is told as: the first kind it is one of."""

Result = TypeVar("Result")


class Receiving(Protocol):
    """The part of the service that taking files needs."""

    @property
    def books(self) -> Books:
        """The books whose sources are meant."""
        ...

    @property
    def clock(self) -> Callable[[], datetime]:
        """Tells the time."""
        ...

    @property
    def counters(self) -> Counters:
        """Counts replies."""
        ...

    @property
    def workers(self) -> Executor:
        """Where disks are waited for."""
        ...

    def caller(self, request: Request) -> Caller:
        """Recognise who asks, or raise the Problem that refuses."""
        ...


def upload_route(service: Receiving) -> Route:
    """Give the route that takes files."""

    async def handle(request: Request) -> Response:
        response = await _replied(service, request)
        service.counters.count(NAME, response.status_code)
        return response

    return Route(PATH.replace("{filename}", "{filename:path}"), handle, methods=["PUT"])


async def _replied(service: Receiving, request: Request) -> Response:
    try:
        return await _taken(service, request)
    except ClientDisconnect:  # nobody is left to tell
        return Response(status_code=400)
    except Problem as problem:
        return problem.response(request.url.path)
    except CostperError as error:
        return _problem(error, service.books.settings.root).response(request.url.path)


async def _taken(service: Receiving, request: Request) -> Response:
    async def beside(work: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(service.workers, work)

    caller = await beside(partial(_checked, service, request))
    given = read((REPLACE,), request.query_params.multi_items(), {})
    source, filename = request.path_params["name"], request.path_params["filename"]
    upload = await beside(partial(Upload, service.books, source, filename, now=service.clock()))
    try:
        await _streamed(request, upload, beside)
        replace = given.get("replace") == "true"
        found = await beside(partial(upload.keep, replace=replace, actor=caller.name))
    finally:
        await beside(upload.drop)
    return Response(encoded(_answer(service.books, found)), media_type=JSON)


async def _streamed(
    request: Request, upload: Upload, beside: Callable[[Callable[[], None]], Awaitable[None]]
) -> None:
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) >= AT_ONCE:
            await beside(partial(upload.write, bytes(held), LONGEST))
            held.clear()
    if held:
        await beside(partial(upload.write, bytes(held), LONGEST))


def _checked(service: Receiving, request: Request) -> Caller:
    """Recognise the caller, and refuse what need not be read to be refused."""
    caller = service.caller(request)
    check_writes(caller)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        said = f"Content-Type {kind!r} is not understood" if kind else "a Content-Type is needed"
        raise Problem(415, "media-type", said, f"send {KINDS[0]} or {KINDS[1]}")
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdecimal() and int(announced[:20]) > LONGEST:
        raise _too_long()
    return caller


def _too_long() -> Problem:
    hint = "put it in the folder of the source by hand, or read it from a bucket"
    return Problem(413, "too-long", f"a file has at most {LONGEST} bytes", hint)


def _problem(error: CostperError, root: Path) -> Problem:
    """Give the problem that a refusal of a file is, or of the disk."""
    if isinstance(error, TooLongError):
        return _too_long()
    status, code, parameter = next(
        (told for kind, told in PROBLEMS if isinstance(error, kind)), (503, "not-kept", "")
    )
    detail, hint = own_words(error.message, root), own_words(error.hint, root)
    return Problem(status, code, detail, hint, parameter)


def _answer(books: Books, found: Uploaded) -> Answer:
    return Answer(
        question={"noun": "file", "source": found.source},
        rows=[
            {
                "source": found.source,
                "file": found.origin,
                "bytes": found.size,
                "sha256": found.sha256,
                "fate": found.fate,
                "next_step": ""
                if found.fate == "unchanged"
                else f"run `costper sync {found.source}`",
            }
        ],
        total={},
        currency=books.settings.currency,
        as_of="",
        settled_through=None,
        estimated=False,
        coverage=None,
    )
