"""A small server for pages that tests write themselves, under the policy of the real ones."""

import contextlib
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from costper.web.assets import read_assets
from costper.web.response import GUARDS, file

SHEETS = ("app.css",)
SCRIPTS = ("app.js",)
ASSETS = read_assets()


@dataclass(slots=True)
class Site:
    """Where it is, what it shows at each path, and which queries it was asked."""

    origin: str
    shown: dict[str, str] = field(default_factory=dict[str, str])
    asked: list[str] = field(default_factory=list[str])

    def show(self, main: str, path: str = "/", title: str = "A page") -> str:
        """Put a page at a path; gives its address."""
        self.shown[path] = framed(main, title)
        return self.origin + path


def framed(main: str, title: str) -> str:
    """Write a page around its content, as the layout of the real ones does."""
    sheets = "".join(f'<link rel="stylesheet" href="{ASSETS.href(it)}">' for it in SHEETS)
    scripts = "".join(f'<script type="module" src="{ASSETS.href(it)}"></script>' for it in SCRIPTS)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="{ASSETS.href("mark.svg")}">{sheets}{scripts}</head><body>'
        f'<main id="main" tabindex="-1"><h1>{title}</h1>{main}</main>'
        '<p id="live" class="sr" aria-live="polite"></p></body></html>'
    )


def app_of(site: Site) -> Starlette:
    """Make the application: assets under their hashed names, all else what a test shows."""

    async def asset(request: Request) -> Response:
        found = ASSETS.served.get(request.path_params["name"])
        return file(request, found) if found else Response(status_code=404)

    async def page(request: Request) -> Response:
        site.asked.append(str(request.url).removeprefix(site.origin))
        text = site.shown.get(request.url.path)
        return HTMLResponse(text or "nothing here", 200 if text else 404, headers=GUARDS)

    return Starlette(routes=[Route("/static/{name}", asset), Route("/{path:path}", page)])


@contextlib.contextmanager
def serving() -> Generator[Site]:
    """Serve in a thread, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        site = Site(f"http://127.0.0.1:{listening.getsockname()[1]}")
        with running(app_of(site), listening):
            yield site


@contextlib.contextmanager
def running(app: object, listening: socket.socket) -> Generator[None]:
    """Run an ASGI application on a socket until the end."""
    config = uvicorn.Config(app, log_level="error", lifespan="off")  # type: ignore[arg-type]
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(10)
