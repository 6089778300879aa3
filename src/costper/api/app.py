"""The HTTP application: routes made from the table of endpoints, errors as problems."""

from __future__ import annotations

import asyncio
import importlib.metadata
import re
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import localcontext
from functools import partial

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from costper.api.callers import Caller, Door, Recognised, check_reads
from costper.api.counters import MEDIA_TYPE, Counters, unpriced_metrics
from costper.api.encoding import encoded
from costper.api.endpoint import Endpoint
from costper.api.endpoints import ENDPOINTS, POSTS
from costper.api.endpoints_keys import WHO_PATH, who
from costper.api.inlets import INLETS
from costper.api.intake import Front
from costper.api.openapi import document
from costper.api.page import POLICY, page
from costper.api.parameters import read
from costper.api.posts import JSON, LONGEST_BODY, Post, Sent, check_may, object_of
from costper.api.problems import Problem
from costper.api.refusals import refused, withheld
from costper.api.replies import Question, Replies, Reply
from costper.api.uploads import upload_route
from costper.errors import BooksError, CostperError
from costper.model.money import EXACT
from costper.pipeline.answer.frame import Asked
from costper.pipeline.answer.state import States
from costper.pipeline.calls.road import Calls
from costper.pipeline.calls.unpriced import unpriced_alert, unpriced_lately
from costper.pipeline.export.columns import ARROW_STREAM
from costper.store.books import Books
from costper.store.keys import EverMade, Key, note_use, verify_key

WORKERS = 4
VERSION = "version"
"""The parameter of a change that says over which version it is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What the application lives from. `door` recognises callers by the keys in force now."""

    books: Books
    clock: Callable[[], datetime]
    door: Door
    replies: Replies
    counters: Counters = field(default_factory=Counters)
    workers: Executor = field(default_factory=lambda: ThreadPoolExecutor(WORKERS, "answer"))

    def caller(self, request: Request) -> Caller:
        """Recognise who asks, or raise the Problem that refuses."""
        headers = request.headers
        return self.door.caller(headers.get("authorization", ""), headers.get("host", ""))

    def reader(self, request: Request) -> Caller:
        """Recognise who asks, and refuse a key that may send and not see."""
        caller = self.caller(request)
        check_reads(caller)
        return caller


Work = Callable[[Service, Request], Response]


def door(books: Books, clock: Callable[[], datetime], *, local: bool) -> Door:
    """Give the door of the books; `local` when only this machine can reach it."""
    control = books.control

    def verify(secret: str) -> Key | None:
        key = verify_key(control, secret)
        if key is not None:
            note_use(control, key, clock().date())
        return key

    return Door(verify=verify, any_key=EverMade(control).any_key, local=local)


def fronted(
    books: Books,
    calls: Calls,
    *,
    clock: Callable[[], datetime],
    local: bool,
    replies: Replies | None = None,
) -> Front:
    """Make the application that also takes LLM calls, which `calls` makes durable."""
    counters = Counters(gauges=_gauges(calls))
    app = application(books, clock=clock, local=local, replies=replies, counters=counters)
    return Front(
        app,
        INLETS,
        recognised=Recognised(door(books, clock, local=local), lambda: books.control.changes),
        desk=calls.desk,
        taking=calls.intake,
        counters=counters,
    )


def application(
    books: Books,
    *,
    clock: Callable[[], datetime],
    local: bool,
    replies: Replies | None = None,
    counters: Counters | None = None,
) -> Starlette:
    """Make the application; `local` when it only listens on this machine.

    `replies` are those kept so far, when somebody else fills them too; `counters` are shared
    with what stands before the application.
    """
    service = Service(
        books=books,
        clock=clock,
        door=door(books, clock, local=local),
        replies=replies or Replies(States(books)),
        counters=counters or Counters(),
    )
    works: dict[str, tuple[str, Work]] = {
        "page": ("/", _page),
        "openapi": ("/openapi.json", _openapi),
        "healthz": ("/healthz", _healthz),
        "readyz": ("/readyz", _readyz),
        "metrics": ("/metrics", _metrics),
        "whoami": (WHO_PATH, _whoami),
        **{one.name: (one.path.replace("}", ":path}"), partial(_answer, one)) for one in ENDPOINTS},
    }
    # Longer paths first: a path parameter takes slashes, and must not take another's path.
    ordered = sorted(works.items(), key=lambda item: (item[1][0].count("{"), -len(item[1][0])))
    return Starlette(
        routes=[
            upload_route(service),
            *(_post_route(service, post) for post in POSTS),
            *(_route(path, _threaded(service, name, work)) for name, (path, work) in ordered),
        ],
        exception_handlers={HTTPException: _no_route, Exception: _failed},
    )


def _gauges(calls: Calls) -> tuple[tuple[str, str, Callable[[], int]], ...]:
    standing = calls.intake.standing
    return (
        ("costper_calls_queued", "Calls not durable yet.", lambda: standing().queued),
        ("costper_calls_spooled", "Durable calls not in the books.", lambda: standing().spooled),
        ("costper_calls_spool_bytes", "What those take.", lambda: standing().spool_size),
        (
            "costper_calls_trouble",
            "1 while calls fail to fold.",
            lambda: int(standing().trouble != ""),
        ),
    )


def _route(path: str, work: Callable[[Request], Awaitable[Response]]) -> Route:
    """Make a route whose names take any sign: `.` is not the end of a line otherwise."""
    route = Route(path, work)
    route.path_regex = re.compile(route.path_regex.pattern, re.DOTALL)
    return route


def _post_route(service: Service, post: Post) -> Route:
    work = _threaded(service, post.name, partial(_take, post))
    path = post.path
    if post.method == "DELETE":  # what is deleted may have a slash in its name
        path = path.replace("}", ":path}")
    return Route(path, work, methods=[post.method])


def _threaded(service: Service, name: str, work: Work) -> Callable[[Request], Awaitable[Response]]:
    """Do the work in a thread of its own, so that no caller waits for another's question."""

    async def handle(request: Request) -> Response:
        loop = asyncio.get_running_loop()
        if request.method in {"POST", "PUT"}:
            try:
                request.state.body = await _body(request)
            except ClientDisconnect:  # nobody is left to tell
                return Response(status_code=400)
        response = await loop.run_in_executor(service.workers, _told, service, request, work)
        service.counters.count(name, response.status_code)
        return response

    return handle


async def _body(request: Request) -> bytes:
    """Read a body, but never more of it than is refused anyway."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            break
    return body


def _take(post: Post, service: Service, request: Request) -> Response:
    caller = service.caller(request)
    check_may(post, caller)
    path = {name: str(value) for name, value in request.path_params.items()}
    sent = Sent(
        books=service.books,
        caller=caller,
        path=path,
        query=read(post.parameters, _query(post, request), {}) if post.parameters else {},
        body={}
        if post.method == "DELETE"
        else object_of(request.headers.get("content-type", ""), request.state.body),
        now=service.clock(),
        facts=service.replies.facts_now,
        standing=service.replies.standing_now,
    )
    if not post.changes:
        arrow = _wants_arrow(request)
        reply = service.replies.posted(post, sent, _have(request), arrow=arrow)
        return _replied(reply, request)
    with localcontext(EXACT):
        found = post.take(sent)
    return Response(encoded(found), post.status, media_type=JSON)


def _query(post: Post, request: Request) -> list[tuple[str, str]]:
    """Give what a query says; the version a change is made over may stand in If-Match as well."""
    said = request.query_params.multi_items()
    over = request.headers.get("if-match", "*").strip()
    if over != "*" and VERSION in {one.name for one in post.parameters}:
        said.append((VERSION, over.removeprefix('"').removesuffix('"')))
    return said


def _told(service: Service, request: Request, work: Work) -> Response:
    try:
        return work(service, request)
    except Problem as problem:
        return problem.response(request.url.path)
    except CostperError as error:
        return refused(error, request.path_params).response(request.url.path)


def _answer(endpoint: Endpoint, service: Service, request: Request) -> Response:
    caller = service.reader(request)
    path = {name: str(value) for name, value in request.path_params.items()}
    given = read(endpoint.accepts, request.query_params.multi_items(), path)
    try:
        question = Question(endpoint, given, caller, service.clock(), _wants_arrow(request))
        reply = service.replies.reply(question, _have(request))
    except CostperError as error:
        if caller.customer is None:
            raise
        raise withheld(error) from error
    return _replied(reply, request)


def _have(request: Request) -> str:
    return request.headers.get("if-none-match", "")


def _wants_arrow(request: Request) -> bool:
    return ARROW_STREAM in request.headers.get("accept", "")


def _replied(reply: Reply, request: Request) -> Response:
    headers = {
        "ETag": reply.etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept, Authorization",
        "X-Content-Type-Options": "nosniff",
    }
    if reply.body is None:
        return Response(status_code=304, headers=headers)
    media_type = ARROW_STREAM if _wants_arrow(request) else JSON
    return Response(reply.body, media_type=media_type, headers=headers)


def _page(service: Service, request: Request) -> Response:
    if service.reader(request).customer is not None:
        raise Problem(403, "not-yours", "this key sees only its own customer's answer")
    state = service.replies.states.newest()
    frame = state.frame(Asked(), service.clock())
    alarms = unpriced_alert(service.books, service.clock().date())
    standing = replace(state.standing, issues=(*state.standing.issues, *alarms))
    text = page(service.books.settings.organisation, standing, frame)
    return HTMLResponse(text, headers={"Content-Security-Policy": POLICY})


def _whoami(service: Service, request: Request) -> Response:
    found = who(service.books, service.caller(request))
    return Response(encoded(found), media_type=JSON, headers={"Cache-Control": "no-store"})


def _openapi(_service: Service, _request: Request) -> Response:
    described = document(importlib.metadata.version("costper"))
    return Response(msgspec.json.encode(described), media_type=JSON)


def _healthz(_service: Service, _request: Request) -> Response:
    return Response(b'{"status":"ok"}', media_type=JSON)


def _readyz(service: Service, _request: Request) -> Response:
    service.books.marts.query("SELECT 1 AS one")
    return Response(b'{"status":"ready"}', media_type=JSON)


def _metrics(service: Service, request: Request) -> Response:
    if service.reader(request).customer is not None:
        raise Problem(403, "not-yours", "this key sees only its own customer's answer")
    now = service.clock()
    try:
        standing = service.replies.states.newest().standing
        unpriced = unpriced_metrics(*unpriced_lately(service.books, now.date()))
    except BooksError:  # an alarm is raised by the rest
        standing, unpriced = None, ""
    return Response(service.counters.text(standing, now) + unpriced, media_type=MEDIA_TYPE)


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    code = {404: "no-such-path", 405: "method-not-allowed"}.get(status, "refused")
    problem = Problem(status, code, hint="the paths are in /openapi.json", headers=headers)
    return problem.response(request.url.path)


async def _failed(request: Request, _error: Exception) -> Response:
    """Say nothing of the inside; the server's log has the traceback."""
    problem = Problem(500, "internal", "a fault in costper; its log says more")
    return problem.response(request.url.path)
