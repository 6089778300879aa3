"""The pages as an application around the API: whatever is no page goes on to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from costper.web import response
from costper.web.acts import ACTS
from costper.web.assets import read_assets
from costper.web.gateway import App, Receive, Scope, Send
from costper.web.hosting import Hosting
from costper.web.pages import PAGES
from costper.web.routes import acts_of, routes_of
from costper.web.shared import LINKS, follow
from costper.web.site import NOT_FOUND, Site, as_csv, refuse, show
from costper.web.taking import sign_in_page, take
from costper.web.told import Row
from costper.web.uploads import UPLOADS, pass_on
from costper.web.url import Url, linked

OF_THE_API = ("/api/", "/v1/", "/proxy/", "/mcp")
ALSO_OF_THE_API = frozenset(("/openapi.json", "/healthz", "/readyz", "/metrics"))
STATIC = "/static/"
CSV = "/csv"
"""Before the path of a page: its table as a file."""

NOT_ALLOWED = 405
NOWHERE: Row = {
    "title": "Nothing here",
    "detail": "there is no page at this address",
    "hint": "the pages there are stand in the navigation",
}
READ_ONLY: Row = {"title": "Not allowed", "detail": "pages are read, and take forms"}


def with_pages(
    api: App,
    *,
    clock: Callable[[], datetime],
    organisation: str,
    hosting: Hosting | None = None,
) -> App:
    """Put the pages around the API."""
    site = Site(
        api=api,
        clock=clock,
        organisation=organisation,
        routes=routes_of(PAGES),
        acts=acts_of(ACTS),
        assets=read_assets(),
        hosting=hosting or Hosting(),
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_api(scope["path"]):
            await api(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            answer = await _answer(site, request)
        except ClientDisconnect:  # nobody is left to tell
            answer = Response(status_code=400)
        await answer(scope, receive, send)

    return app


def is_api(path: str) -> bool:
    """Say whether a path is the API's.

    >>> [is_api(it) for it in ("/api/v1/events", "/healthz", "/", "/customers/api/")]
    [True, True, False, False]
    """
    return path.startswith(OF_THE_API) or path in ALSO_OF_THE_API


async def _answer(site: Site, request: Request) -> Response:
    path = str(request.scope["path"])
    if request.method == "POST":
        return await take(site, request)
    if request.method == "PUT" and path.startswith(UPLOADS):
        return await pass_on(site, request)
    if request.method not in {"GET", "HEAD"}:
        return await refuse(site, request, READ_ONLY, NOT_ALLOWED)
    return await _read(site, request, path)


async def _read(site: Site, request: Request, path: str) -> Response:
    asset = site.assets.served.get(path.removeprefix(STATIC))
    if path.startswith(STATIC) and asset is not None:
        return response.file(request, asset)
    if path == "/sign-in":
        return sign_in_page(site, request)
    if path.startswith(LINKS):
        return await follow(site, request)
    found = site.routes.find(path.removeprefix(CSV) or "/")
    if found is None:
        return await refuse(site, request, NOWHERE, NOT_FOUND)
    url = Url(linked(path), tuple(request.query_params.multi_items()))
    seen = site.seen(request, url, found.path)
    if path.startswith(CSV):
        return await as_csv(site, request, found, seen)
    return await show(site, request, found, seen)
