"""Leads from a short link to the page it was made for; an expired one says so."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from costper.web import response
from costper.web.page import Ask
from costper.web.site import NOT_FOUND, UNAUTHORIZED, Site, refuse
from costper.web.told import Row, text
from costper.web.url import is_own, segment

LINKS = "/s/"
"""Followed by the link's token."""

LEADS_AWAY: Row = {
    "title": "Not followed",
    "detail": "this link leads to no page of this site",
    "hint": "ask whoever sent it for another",
}


async def follow(site: Site, request: Request) -> Response:
    """Go where a link leads, as whoever follows it: a link gives nobody any right."""
    path = str(request.scope["path"])
    token = path.removeprefix(LINKS)
    told = await site.gateway(request).one(Ask(path=f"/api/v1/shares/{segment(token)}"))
    if told.status == UNAUTHORIZED:
        return response.onward(f"/sign-in?back={quote(path, safe='')}")
    if not told.ok:
        return await refuse(site, request, told.body, told.status)
    leads_to = text(told.first, "path")
    if not is_own(leads_to):
        return await refuse(site, request, LEADS_AWAY, NOT_FOUND)
    return response.onward(leads_to)
