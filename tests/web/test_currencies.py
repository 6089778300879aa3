"""Every amount on every page is in the currency of the answer it stands in."""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from tests.web.serving import Served
from tests.web.shown import ASSETS, NOW
from tests.web.test_every_page import ADDRESSES

from costper.web import render
from costper.web.frame import AROUND
from costper.web.page import Ask, Page, Seen
from costper.web.pages import PAGES
from costper.web.routes import routes_of
from costper.web.told import Priced, Told, currency_of
from costper.web.url import Url

FILTERS = ("money", "rate", "moved", "exact", "digits")
ROUTES = routes_of(PAGES)
NOT_AN_ANSWER = re.compile(rf"\|(?:{'|'.join(FILTERS)})\((?:\"|'|[^()]*\.currency\b|\))")

DRAWN = re.compile(r"<svg.*?</svg>|<td class=\"n\".*?</td>|<p class=\"figure\">.*?</p>", re.DOTALL)
"""Where pages write numbers of their own; words of the API stand elsewhere."""


class Cell(str):
    """A cell that knows the currency of the answer, or of the row, it stands in."""

    __slots__ = ("currency",)
    currency: str


def cell(text: str, currency: str) -> Cell:
    found = Cell(text)
    found.currency = currency
    return found


def dyed(value: Any, currency: str) -> Any:  # noqa: ANN401 - JSON
    """Give a decoded answer whose cells know their currency; a row may say its own."""
    if isinstance(value, dict):
        row = cast("dict[str, Any]", value)
        own = str(row.get("currency") or currency)
        own = own if own.startswith("X") else f"X{own}"
        return {name: own if name == "currency" else dyed(it, own) for name, it in row.items()}
    if isinstance(value, list):
        items = cast("list[Any]", value)  # type: ignore[redundant-cast]
        return [dyed(it, currency) for it in items]
    return cell(value, currency) if isinstance(value, str) else value


def asked(demo: Served, ask: Ask, currency: str) -> Told:
    """Ask the sample company, and say that this answer alone is in that currency."""
    body = None if ask.body is None else json.dumps(ask.body).encode()
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{demo.address}{ask.path}?{urlencode(ask.params)}",
        data=body,
        method="POST" if body and ask.method == "GET" else ask.method,
        headers={"Content-Type": "application/json"} if body else {},
    )
    try:
        with urllib.request.urlopen(request) as reply:  # noqa: S310 - our own server
            found = json.load(reply)
    except urllib.error.HTTPError as refused:
        return Told(refused.code, json.load(refused))
    if found.get("currency"):
        found["currency"] = currency
    return Told(200, dyed(found, currency))


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Give (said, shown) of every amount that is written from a cell of an answer."""
    seen: list[tuple[str, str]] = []
    made = render.environment.__wrapped__()

    def checking(written: Callable[..., object]) -> Callable[..., object]:
        def check(amount: object, of: Priced, *more: object) -> object:
            if isinstance(amount, Cell):
                seen.append((amount.currency, currency_of(of)))
            return written(amount, of, *more)

        return check

    made.filters |= {name: checking(made.filters[name]) for name in FILTERS}
    monkeypatch.setattr(render, "environment", lambda: made)
    return seen


def answers(demo: Served, page: Page, seen: Seen) -> dict[str, Told]:
    """Give all answers of a page, each in a currency of its own."""
    names = (f"X{place:02d}" for place in range(100))
    told: dict[str, Told] = {}
    more = {**AROUND, **page.asks(seen)}
    while more:
        told |= {name: asked(demo, ask, next(names)) for name, ask in more.items()}
        more = {it: ask for it, ask in page.then(seen, told).items() if it not in told}
    return told


def templates() -> Iterator[tuple[str, str]]:
    for it in (files("costper.web") / "templates").iterdir():
        yield it.name, it.read_text(encoding="utf-8")


def test_templates_write_amounts_of_answers_and_name_no_currency_themselves() -> None:
    found = [(name, it) for name, text in templates() for it in NOT_AN_ANSWER.findall(text)]
    assert found == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_amount_is_in_the_currency_of_its_own_answer(
    demo: Served, checked: list[tuple[str, str]], address: str
) -> None:
    parts = urlsplit(address)
    found = ROUTES.find(parts.path)
    assert found is not None
    url = Url(parts.path, tuple(parse_qsl(parts.query)))
    seen = Seen(url=url, now=NOW, path=found.path)
    written = render.rendered(found.page, seen, answers(demo, found.page, seen), ASSETS)
    assert [(said, shown) for said, shown in checked if said != shown] == []
    assert [it for it in DRAWN.findall(written) if re.search(r"\$\d", it)] == []
