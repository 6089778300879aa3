"""What the pages live from, and how one of them is shown to a visitor."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from costper.web import response, session
from costper.web.assets import Assets
from costper.web.frame import AROUND, own_home
from costper.web.gateway import App, Gateway
from costper.web.hosting import Hosting
from costper.web.page import WIDTH, Ask, Page, Seen
from costper.web.render import refused, rendered
from costper.web.routes import Acts, Found, Routes
from costper.web.table import csv_text, first_of, listed, whole
from costper.web.told import Row, Told, text
from costper.web.url import Url, linked

WORKERS = 2
UNAUTHORIZED, NOT_FOUND, TOO_MANY = 401, 404, 413
MOST_IN_FILE = 250_000
NO_TABLE: Row = {
    "title": "No table here",
    "detail": "this page has no table to give as a file",
    "hint": "the API has all of its numbers: /openapi.json",
}
LONG_TABLE: Row = {
    "title": "Too long for a file",
    "detail": f"this table has more than {MOST_IN_FILE:,} rows",
    "hint": "choose fewer days or narrow it, or read it by cursor from the API: /openapi.json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The API behind the pages, the pages, what their forms do, and their files."""

    api: App
    clock: Callable[[], datetime]
    organisation: str
    routes: Routes
    acts: Acts
    assets: Assets
    hosting: Hosting
    workers: Executor = field(default_factory=lambda: ThreadPoolExecutor(WORKERS, "page"))

    def gateway(self, request: Request, authorization: str | None = None) -> Gateway:
        """Give a way to ask as the visitor, or as the holder of another key."""
        return Gateway(
            self.api,
            request.headers.get("host", ""),
            session.authorization(request.cookies) if authorization is None else authorization,
            None if request.client is None else (request.client.host, request.client.port),
        )

    def seen(self, request: Request, url: Url, path: Mapping[str, str] | None = None) -> Seen:
        """Say who looks at what."""
        return Seen(
            url=url,
            now=self.clock(),
            path=path or {},
            width=session.width(request.cookies, WIDTH),
            theme=session.theme(request.cookies),
            organisation=self.organisation,
            making=self.hosting.making(),
            notice=response.just_done(request.cookies),
        )


async def show(site: Site, request: Request, found: Found, seen: Seen) -> Response:
    """Ask what a page asks, and write it; refused forms come back with the refusal's status."""
    page, gateway = found.page, site.gateway(request)
    answers: dict[str, Told] = await gateway.all({**AROUND, **page.asks(seen)})
    if any(told.status == UNAUTHORIZED for told in answers.values()):
        return response.onward(f"/sign-in?back={quote(str(seen.url), safe='')}")
    while _refusal(page, answers) is None:
        more = {it: ask for it, ask in page.then(seen, answers).items() if it not in answers}
        if not more:
            break
        answers |= await gateway.all(more)
    bad = _refusal(page, answers)
    home = own_home(answers.get("whoami"))
    if bad is not None and home and seen.url.path == "/":
        return response.onward(home)
    if bad is None:
        write = partial(rendered, page, seen, answers, site.assets)
    else:
        write = partial(refused, page, seen, answers, bad.body, site.assets)
    written = await asyncio.get_running_loop().run_in_executor(site.workers, write)
    return response.html(request, written, bad.status if bad else _status(seen.problem))


async def as_csv(site: Site, request: Request, found: Found, seen: Seen) -> Response:
    """Send the table of a page as a file: all of its rows, where the page shows some.

    Where the API gives only the first ones, the name of the file says so.
    """
    page, gateway = found.page, site.gateway(request)
    asks = whole(page.asks(seen), page.csv)
    answers: dict[str, Told] = await gateway.all(asks)
    bad = _refusal(page, answers)
    while bad is None and (page.csv not in answers or page.table is not None):
        more = {it: ask for it, ask in page.then(seen, answers).items() if it not in answers}
        if not more:
            break
        asks |= whole(more, page.csv)
        answers |= await gateway.all({it: asks[it] for it in more})
    told = bad or answers.get(page.csv) or Told(NOT_FOUND, NO_TABLE)
    if told.ok:
        told = await to_the_end(gateway, asks[page.csv], told)
    if not told.ok:
        return await refuse(site, request, told.body, told.status)
    days = (text(told.question, name) for name in ("from", "to"))
    parts = (page.name, *days, first_of(asks[page.csv], len(told.rows)))
    shown = page.table(seen, {**answers, page.csv: told}) if page.table else listed(told)
    return response.csv(csv_text(shown, page.heads), "-".join(filter(None, parts)))


async def to_the_end(gateway: Gateway, ask: Ask, told: Told) -> Told:
    """Give an answer with the rows of all its pages; a refusal where that cannot be."""
    rows, cursor = [*told.rows], told.next_cursor
    while cursor and ask.body is None:
        if len(rows) >= MOST_IN_FILE:
            return Told(TOO_MANY, LONG_TABLE)
        more = await gateway.one(replace(ask, params={**ask.params, "cursor": cursor}))
        if not more.ok:
            return more
        rows += more.rows
        cursor = more.next_cursor
    return replace(told, body={**told.body, "rows": rows})


async def refuse(site: Site, request: Request, problem: Row, status: int) -> Response:
    """Say that something was not done, or is not there."""
    seen = site.seen(request, Url(linked(str(request.scope["path"]))))
    answers = await site.gateway(request).all(AROUND)
    return response.html(request, refused(None, seen, answers, problem, site.assets), status)


def _refusal(page: Page, answers: Mapping[str, Told]) -> Told | None:
    needed = (answers[name] for name in page.needs if name in answers)
    return next((told for told in needed if not told.ok), None)


def _status(problem: Row | None) -> int:
    status = 200 if problem is None else problem.get("status", 400)
    return status if isinstance(status, int) else 400
