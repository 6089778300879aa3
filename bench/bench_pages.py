"""How heavy and how quick are pages, in a real browser, on the books of the ledger bench?

The books are those `bench_answers` made: run it first. Times are medians; the browser runs on
the same cores as the server.

    python -m bench.bench_pages [LINES]     20 million unless told
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx2 as httpx
from playwright.sync_api import Browser, Page, sync_playwright

from bench.bench_answers import served
from bench.measure import Figure, report

LINES = 20_000_000
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
QUESTION = {"a": "metric requests", "b": "cost", "f": "b / (a / 1000)"}
YEAR = {"a": "cost", "by": "service", "days": "365", "grain": "day"}
PATHS = (
    "/",
    "/explorer",
    f"/explorer?{urlencode(QUESTION)}",
    f"/explorer?{urlencode(YEAR)}",
    "/customers",
    "/customers/c00100",
    "/teams",
    "/services",
    "/environments",
    "/savings",
    "/incidents",
    "/allocation",
    "/sources",
    "/clean-up",
)
KB_MAX, PAINT_MS_MAX, SERVER_MS_MAX, EDIT_MS_MAX, YEAR_MS_MAX = 60, 300, 50, 150, 200
LOADS, ASKS = 5, 9
PAINTED = """() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1"""
WEIGHT = """() => [...performance.getEntriesByType("navigation"),
    ...performance.getEntriesByType("resource")].reduce((all, it) => all + it.transferSize, 0)"""


def main(lines: int) -> int:
    """Measure every page, an edit of a formula, and a year by day in eight groups."""
    work = Path(tempfile.gettempdir()) / "costper-bench" / f"answers-{lines}"
    with served(work) as client, _browser() as browser:
        address = str(client.base_url).rstrip("/")
        for path in PATHS:  # as the server does for itself a moment after the books changed
            _asked_ms(address + path)
        server = {path: _asked_ms(address + path) for path in PATHS}
        loads = {path: _loaded(browser, address + path) for path in PATHS}
        page = browser.new_page()
        edit = _edited_ms(page, f"{address}/explorer?{urlencode(QUESTION)}")
        year = _year_ms(page, address)
    for path in PATHS:
        kb, paint = loads[path]
        print(f"{path:<60} {kb:6.1f} KB  paint {paint:6.0f} ms  server {server[path]:6.1f} ms")
    return report(
        _figure("the heaviest page, cold", max(kb for kb, _ in loads.values()), KB_MAX, "KB"),
        _figure("slowest first paint", max(ms for _, ms in loads.values()), PAINT_MS_MAX),
        _figure("slowest page, server", max(server.values()), SERVER_MS_MAX),
        _figure("formula edit to new chart", edit, EDIT_MS_MAX),
        _figure("a year by day in groups", year, YEAR_MS_MAX),
    )


def _figure(name: str, value: float, bound: float, unit: str = "ms") -> Figure:
    return Figure(name=name, value=value, bound=bound, unit=unit)


def _asked_ms(address: str) -> float:
    """Give the median of the server's time for a page, as a client on this machine sees it."""
    taken = list[float]()
    with httpx.Client(timeout=60) as client:
        for _ in range(ASKS):
            start = time.perf_counter()
            client.get(address).raise_for_status()
            taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def _loaded(browser: Browser, address: str) -> tuple[float, float]:
    """Give the weight on the wire and the first paint of a page nothing of which is kept."""
    weights, paints = list[float](), list[float]()
    for _ in range(LOADS):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        weights.append(page.evaluate(WEIGHT) / 1024)
        paints.append(page.evaluate(PAINTED))
        context.close()
    return max(weights), statistics.median(paints)


def _edited_ms(page: Page, address: str) -> float:
    """Give the median from the request for another formula to the chart that shows it."""
    page.goto(address, wait_until="networkidle")
    taken = list[float]()
    for at in range(ASKS):
        page.evaluate(
            """(formula) => { const to = new URL(location.href);
               to.searchParams.set("f", formula); window.asked = performance.now();
               window.shown = new Promise((done) => document.addEventListener("costper:shown",
                 () => requestAnimationFrame(() => done(performance.now())), {once: true}));
               document.querySelector('[name="f"]').value = formula;
               document.querySelector('[name="f"]').form.requestSubmit(); }""",
            f"b / (a / {1000 + at})",
        )
        taken.append(page.evaluate("async () => (await window.shown) - window.asked"))
    return statistics.median(taken)


def _year_ms(page: Page, address: str) -> float:
    """Give the median from the click on twelve months to eight groups by day on screen."""
    taken = list[float]()
    for _ in range(LOADS):
        page.goto(
            f"{address}/explorer?{urlencode({**YEAR, 'days': '30'})}", wait_until="networkidle"
        )
        page.evaluate(
            """() => { document.addEventListener("click",
                 () => { window.asked = performance.now(); }, {once: true, capture: true});
               window.shown = new Promise((done) => document.addEventListener("costper:shown",
                 () => requestAnimationFrame(() => done(performance.now())), {once: true})); }"""
        )
        page.get_by_role("link", name="12m", exact=True).click()
        taken.append(page.evaluate("async () => (await window.shown) - window.asked"))
    return statistics.median(taken)


@contextmanager
def _browser() -> Generator[Browser]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path="/usr/bin/chromium", args=list(FLAGS))
        yield browser
        browser.close()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else LINES))
