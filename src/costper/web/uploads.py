"""Passes a file on to the API as it arrives, as the visitor who sends it."""

from __future__ import annotations

from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from costper.web import session
from costper.web.gateway import Message, Scope
from costper.web.site import Site, refuse
from costper.web.taking import ELSEWHERE, FORBIDDEN

UPLOADS = "/upload/"
"""Followed by SOURCE/FILE; what was sent goes to that source's files."""

KEPT = (b"content-type", b"content-length", b"transfer-encoding", b"host")


async def pass_on(site: Site, request: Request) -> Response:
    """Send what arrives at /upload/SOURCE/FILE to the files of that source."""
    if not session.is_from_here(request.headers):
        return await refuse(site, request, ELSEWHERE, FORBIDDEN)
    path = request.scope["raw_path"].decode("latin-1").removeprefix(UPLOADS)
    source, _, file = path.partition("/")
    authorization = session.authorization(request.cookies)
    headers = [pair for pair in request.scope["headers"] if pair[0] in KEPT]
    if authorization:
        headers.append((b"authorization", authorization.encode("latin-1")))
    ask = f"/api/v1/sources/{source}/files/{file}"
    scope: Scope = {
        **request.scope,
        "path": unquote(ask),
        "raw_path": ask.encode("latin-1"),
        "headers": headers,
        "state": {},
    }
    started: list[Message] = []
    parts: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            started.append(message)
        else:
            parts.append(message.get("body", b""))

    await site.api(scope, request.receive, send)
    status = started[0]["status"] if started else 500
    return Response(b"".join(parts), status, media_type="application/json")
