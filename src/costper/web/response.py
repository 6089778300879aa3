"""What goes back to a browser: pages packed and guarded, files kept for good, ways onward."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from costper.web.assets import Asset
from costper.web.url import own

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
FOR_GOOD = "public, max-age=31536000, immutable"
DONE = "costper_done"
"""The cookie that carries to the next page what was just done."""

DONE_SECONDS = 30
LEVEL = 5
HTML = "text/html; charset=utf-8"
SEE_OTHER = 303


def html(request: Request, text: str, status: int = 200) -> Response:
    """Send a page; nothing but its tag when the browser has it already."""
    body = text.encode("utf-8", "replace")
    etag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    headers = {
        **GUARDS,
        "ETag": etag,
        "Cache-Control": "private, no-cache",
        "Vary": "Cookie, Accept-Encoding",
    }
    if status == 200 and etag in request.headers.get("if-none-match", ""):  # noqa: PLR2004
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    response = Response(body, status, headers, HTML)
    if DONE in request.cookies:
        response.delete_cookie(DONE, path="/")
    return response


def once(text: str) -> Response:
    """Send a page that neither browser nor proxy keeps."""
    headers = {**GUARDS, "Cache-Control": "no-store"}
    return Response(text.encode("utf-8", "replace"), headers=headers, media_type=HTML)


def file(request: Request, asset: Asset) -> Response:
    """Send a stylesheet or a script: its name is its content's, so it never grows old."""
    headers = {**GUARDS, "Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.packed, headers=headers, media_type=asset.media_type)
    return Response(asset.body, headers=headers, media_type=asset.media_type)


def csv(text: str, name: str) -> Response:
    """Send a table as a file to keep."""
    headers = {
        **GUARDS,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f'attachment; filename="{name}.csv"',
    }
    return Response(text, headers=headers, media_type="text/csv; charset=utf-8")


def onward(where: str, done: str = "") -> Response:
    """Send the browser to another page of ours and to no other site; it tells what was done."""
    response = RedirectResponse(own(where), SEE_OTHER, headers=GUARDS)
    if done:
        response.set_cookie(
            DONE, done.encode().hex(), DONE_SECONDS, path="/", httponly=True, samesite="strict"
        )
    return response


def just_done(cookies: Mapping[str, str]) -> str:
    """Give what the last form did; '' where nothing was."""
    try:
        return bytes.fromhex(cookies.get(DONE, "")).decode()
    except ValueError:
        return ""
