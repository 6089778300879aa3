"""Shows a page with given answers, as the server would, and gives what a reader sees."""

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from costper.web.assets import read_assets
from costper.web.page import Page, Seen
from costper.web.render import rendered
from costper.web.told import Told
from costper.web.url import Url

SNAPSHOTS = Path(__file__).parents[1] / "api" / "snapshots"
ASSETS = read_assets()
NOW = datetime(2026, 11, 2, 10, tzinfo=UTC)
REFUSED = Told(404, {"title": "Not there", "detail": "nothing is there", "status": 404})


def snapshots(names: Mapping[str, str]) -> dict[str, Told]:
    """Give the API's golden replies under the names a page knows them by."""
    return {
        name: Told(200, json.loads((SNAPSHOTS / f"{of}.json").read_text(encoding="utf-8")))
        for name, of in names.items()
    }


def page_of(page: Page, address: str, answers: Mapping[str, Told], **path: str) -> str:
    """Write a page; what it asks and nobody answers is refused."""
    parts = urlsplit(address)
    seen = Seen(url=Url(parts.path, tuple(parse_qsl(parts.query))), now=NOW, path=path)
    asked = {**page.asks(seen)}
    told = {name: answers.get(name, REFUSED) for name in asked}
    told |= {name: answers.get(name, REFUSED) for name in page.then(seen, told)}
    return rendered(page, seen, told, ASSETS)


def text_of(page: Page, address: str, answers: Mapping[str, Told], **path: str) -> str:
    """Give the words of a page's content, one space between any two."""
    return words_of(page_of(page, address, answers, **path))


def words_of(whole: str) -> str:
    """Give the words of the content of a page that is written."""
    main = whole[whole.index("<main") :]
    inline = re.sub(r"</?(?:a|bdi|data|strong|span|code)\b[^>]*>", "", main)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", inline)).split())
