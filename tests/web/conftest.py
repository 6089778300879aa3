"""A real browser, pages to show it, and what must never happen on any of them."""

import asyncio
import contextlib
from collections.abc import Callable, Generator, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from tests.web.chromium import MISSING, found
from tests.web.pages import Site, serving
from tests.web.serving import Served, served_sample

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
WINDOW = 1280, 900
SLOW = 10_000
AXE = files("axe_playwright_python") / "axe.min.js"
AXE_RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
VIOLATIONS = """
addEventListener("securitypolicyviolation", ({violatedDirective, blockedURI, sample}) =>
  console.error(`refused by the policy: ${violatedDirective} ${blockedURI} ${sample}`));
"""
AT_REST = "() => !document.querySelector('[aria-busy=true]')"
"""A page that is asked for anew in the width of the window is dimmed until it is there."""

FAULTS = """async (tags) => {
  const { violations } = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
  return violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html}`));
}"""

Axe = Callable[[Page], list[str]]
Opened = Callable[..., Page]


@contextlib.contextmanager
def aside(loop: asyncio.AbstractEventLoop | None) -> Generator[None]:
    """Let a loop count as running only meanwhile.

    Playwright leaves its loop marked as running between calls, and then no other test of this
    process may call `asyncio.run`.
    """
    before = asyncio._get_running_loop()  # noqa: SLF001 - public for makers of loops
    asyncio._set_running_loop(loop)  # noqa: SLF001
    try:
        yield
    finally:
        asyncio._set_running_loop(before)  # noqa: SLF001


@pytest.fixture(scope="session")
def chromium() -> str:
    """Give the path of the browser; without one the tests fail, for pages are not half tested."""
    path = found()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    return path


@pytest.fixture(scope="session")
def _running(chromium: str) -> Iterator[tuple[Browser, asyncio.AbstractEventLoop]]:
    """Start the browser once a worker."""
    with aside(None), sync_playwright() as started:
        loop = asyncio.get_running_loop()
        browser = started.chromium.launch(executable_path=chromium, args=list(FLAGS))
        asyncio._set_running_loop(None)  # noqa: SLF001
        yield browser, loop
        asyncio._set_running_loop(loop)  # noqa: SLF001
        browser.close()


@pytest.fixture
def browser(_running: tuple[Browser, asyncio.AbstractEventLoop]) -> Iterator[Browser]:
    """Give the browser, for this test."""
    with aside(_running[1]):
        yield _running[0]


class Watched:
    """A test's windows, and what their consoles complained of."""

    def __init__(self, browser: Browser) -> None:
        """Watch a browser."""
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def page(self, **options: object) -> Page:
        """Open a window; options are those of a playwright context, such as `color_scheme`."""
        wide, high = WINDOW
        told: dict[str, object] = {"viewport": {"width": wide, "height": high}, **options}
        context = self._browser.new_context(**told)  # type: ignore[arg-type]
        context.set_default_timeout(SLOW)
        context.add_init_script(VIOLATIONS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """Open windows; at the end no console may have complained, nor the policy refused anything."""
    watching = Watched(browser)
    yield watching
    watching.close()
    assert watching.complaints == []


@pytest.fixture
def opened(watched: Watched) -> Opened:
    """Open windows of other kinds: `opened(color_scheme="dark")`, `opened(has_touch=True)`."""
    return watched.page


@pytest.fixture
def page(watched: Watched) -> Page:
    """Open one window."""
    return watched.page()


@pytest.fixture
def axe() -> Axe:
    """Give what axe finds wrong with a page, a line a fault; in the page, for strict policies."""
    source = AXE.read_text("utf-8")

    def faults(page: Page) -> list[str]:
        page.wait_for_load_state("networkidle")
        page.wait_for_function(AT_REST)
        # The debugger's own evaluation is not under the page's policy; scripts in the page are.
        if not page.evaluate("() => 'axe' in window"):
            page.evaluate(f"() => {{ {source} }}")
        found = page.evaluate(FAULTS, list(AXE_RULES))
        return [str(it) for it in found]

    return faults


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve pages a test writes itself, with our scripts and stylesheets, under the policy."""
    with serving() as served:
        yield served


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the sample company, made once for all workers; tests only read it."""
    base = tmp_path_factory.getbasetemp()
    # Without xdist the base is this run's own; with it, each worker's lies in the run's.
    shared = (base.parent if base.name.startswith("popen-") else base) / "company"
    with served_sample(shared, tmp_path_factory.mktemp("served")) as found:
        yield found


@pytest.fixture
def own_demo(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Iterator[Served]:
    """Serve a copy of the sample company that this test may change."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if base.name.startswith("popen-") else base) / "company"
    with served_sample(shared, tmp_path) as found:
        yield found
