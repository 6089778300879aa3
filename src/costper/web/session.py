"""Who looks: a key the browser keeps, and proof that a form was sent from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

KEY = "costper_key"
THEME = "costper_theme"
WIDTH = "costper_width"
NARROWEST, WIDEST = 240, 2400
THEMES = ("light", "dark")


def authorization(cookies: Mapping[str, str]) -> str:
    """Give the header a program would send with the visitor's key; '' without one."""
    key = cookies.get(KEY, "")
    return f"Bearer {key}" if key.isascii() and key.isprintable() and key else ""


def width(cookies: Mapping[str, str], default: int) -> int:
    """Give how wide a chart may be, as the browser said last."""
    said = cookies.get(WIDTH, "")
    if not said.isascii() or not said.isdecimal() or len(said) > len("2400"):
        return default
    return max(NARROWEST, min(WIDEST, int(said)))


def theme(cookies: Mapping[str, str]) -> str:
    """Give the chosen theme; '' leaves it to the reader's system."""
    said = cookies.get(THEME, "")
    return said if said in THEMES else ""


def is_from_here(headers: Mapping[str, str]) -> bool:
    """Say whether our own page sent this: a form elsewhere would carry the visitor's key too.

    Browsers name the page's origin with every POST (https://fetch.spec.whatwg.org, 3.2).
    """
    site = headers.get("sec-fetch-site", "")
    if site and site != "same-origin":
        return False
    origin = headers.get("origin", "")
    try:
        return bool(origin) and urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:  # no browser sends what is no address
        return False
