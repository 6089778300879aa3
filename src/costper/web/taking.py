"""Takes what our forms send: acts on the API, signing in, and what a browser remembers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from costper.web import response, session
from costper.web.frame import own_home
from costper.web.page import Act, Ask, Form
from costper.web.render import signing_in, told_once
from costper.web.routes import Found
from costper.web.site import NOT_FOUND, UNAUTHORIZED, Site, refuse, show
from costper.web.told import NO_ROW, Row, Told
from costper.web.url import Url, own

LONGEST_FORM = 64 * 2**10
FORBIDDEN, CONFLICT, TOO_LONG = 403, 409, 413
A_YEAR = 365 * 24 * 3600
WHO = Ask(path="/api/v1/whoami")
ELSEWHERE: Row = {
    "title": "Not sent from here",
    "detail": "this form was sent by another site, or by a program",
    "hint": "programs send to /api/v1 with a key; people use the form on our page",
}
NOT_ADMIN: Row = {
    "title": "Not allowed",
    "detail": "this needs a key with the scope admin",
    "hint": "make one with `costper keys add NAME --scope admin`",
}
LONG: Row = {
    "title": "Too long",
    "detail": f"a form may have {LONGEST_FORM // 1024} KiB",
    "hint": "go back and shorten what you wrote",
}
NO_SUCH: Row = {
    "title": "Nothing here",
    "detail": "no form is sent to this address",
    "hint": "go back and load the page again",
}


async def take(site: Site, request: Request) -> Response:
    """Do what a form asks for."""
    if not session.is_from_here(request.headers):
        return await refuse(site, request, ELSEWHERE, FORBIDDEN)
    form = await _form(request)
    if form is None:
        return await refuse(site, request, LONG, TOO_LONG)
    path = str(request.scope["path"])
    ours = OWN.get(path)
    if ours is not None:
        return await ours(site, request, form)
    found = site.acts.find(path)
    if found is None:
        return await refuse(site, request, NO_SUCH, NOT_FOUND)
    return await _done(site, request, found[0], found[1], form)


async def _form(request: Request) -> Form | None:
    """Read the fields of a form; None when it is longer than any of ours."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_FORM:
            return None
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


async def _done(
    site: Site, request: Request, act: Act, path: Mapping[str, str], form: Form
) -> Response:
    told = await site.gateway(request).one(act.sends(form, path))
    if told.ok and act.renews:
        told = await _renewed(site, told)
    if told.ok and act.shows:
        seen = site.seen(request, Url(request.url.path))
        return response.once(told_once(act.shows, seen, told, site.assets))
    if told.ok:
        return response.onward(own(act.then(form, told)), act.done(form, told))
    if told.status == UNAUTHORIZED:
        return response.onward(f"/sign-in?back={quote(_back(form), safe='')}")
    return await _again(site, request, form, told)


async def _again(site: Site, request: Request, form: Form, told: Told) -> Response:
    """Show the page a refused form came from, with the reason and all that was typed."""
    parts = urlsplit(_back(form))
    found = site.routes.find(unquote(parts.path))
    if found is None:
        return await refuse(site, request, told.body, told.status)
    url = Url(parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True)))
    seen = replace(site.seen(request, url, found.path), problem=told.body, sent=form)
    return await show(site, request, Found(found.page, found.path), seen)


def _back(form: Form) -> str:
    return own(form.get("back", ""))


async def _sign_in(site: Site, request: Request, form: Form) -> Response:
    key = form.get("key", "").strip()
    authorization = session.authorization({session.KEY: key})
    told = await site.gateway(request, authorization).one(WHO) if authorization else Told(401)
    if not told.ok:
        seen = site.seen(request, Url("/sign-in", (("back", _back(form)),)))
        problem = {"detail": "no such key is in force", "hint": "make one: costper keys add NAME"}
        return response.html(request, signing_in(seen, problem, site.assets), UNAUTHORIZED)
    answer = response.onward(own_home(told) or _back(form))
    answer.set_cookie(
        session.KEY,
        key,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


async def _sign_out(_site: Site, _request: Request, _form: Form) -> Response:
    answer = response.onward("/sign-in")
    answer.delete_cookie(session.KEY, path="/", httponly=True, samesite="strict")
    return answer


async def _theme(_site: Site, _request: Request, form: Form) -> Response:
    """Remember light or dark; anything else leaves it to the reader's system again."""
    answer = response.onward(_back(form))
    chosen = form.get("theme", "")
    if chosen in session.THEMES:
        answer.set_cookie(session.THEME, chosen, A_YEAR, path="/", samesite="lax")
    else:
        answer.delete_cookie(session.THEME, path="/", samesite="lax")
    return answer


def sign_in_page(site: Site, request: Request) -> Response:
    """Show where a key is asked for."""
    back = own(request.query_params.get("back", ""))
    seen = site.seen(request, Url("/sign-in", (("back", back),)))
    return response.html(request, signing_in(seen, NO_ROW, site.assets))


async def _read_again(site: Site, request: Request, form: Form) -> Response:
    return await _hosted(site, request, form, site.hosting.begin_again, "costper.yaml was read")


async def _make_sample(site: Site, request: Request, form: Form) -> Response:
    return await _hosted(site, request, form, site.hosting.make_sample, "")


async def _hosted(
    site: Site, request: Request, form: Form, act: Callable[[], str], done: str
) -> Response:
    """Ask the process itself, which only whoever may do everything may."""
    who = await site.gateway(request).one(WHO)
    if who.status == UNAUTHORIZED:
        return response.onward(f"/sign-in?back={quote(_back(form), safe='')}")
    if not who.ok or who.first.get("admin") is not True:
        return await refuse(site, request, NOT_ADMIN, FORBIDDEN)
    told = _unless(await asyncio.to_thread(act))
    if not told.ok:
        return await _again(site, request, form, told)
    return response.onward(_back(form), done)


async def _renewed(site: Site, told: Told) -> Told:
    """Read costper.yaml again; gives what was told, unless something is wrong in the file."""
    found = _unless(await asyncio.to_thread(site.hosting.begin_again))
    return told if found.ok else found


def _unless(wrong: str) -> Told:
    if not wrong:
        return Told(200)
    return Told(CONFLICT, {"title": "Not done", "detail": wrong, "status": CONFLICT})


OWN = {
    "/sign-in": _sign_in,
    "/sign-out": _sign_out,
    "/theme": _theme,
    "/reload": _read_again,
    "/first-run/sample": _make_sample,
}
"""Forms that change what the browser remembers, or ask the serving process, not the API."""
