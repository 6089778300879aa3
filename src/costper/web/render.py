"""Writes a page: its template, with what it shows and what stands around it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from costper.web import period, written
from costper.web.assets import Assets
from costper.web.called import hinted
from costper.web.frame import around
from costper.web.page import Answers, Page, Seen
from costper.web.told import Row, Told, amount, inner, items, number, others, reason, rows, text
from costper.web.url import segment


@cache
def environment() -> Environment:
    """Give the templates. Every word in them is escaped unless it was drawn here."""
    made = Environment(
        loader=PackageLoader("costper.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters: dict[str, Callable[..., object]] = {
        "money": written.money,
        "rate": written.rate,
        "count": written.count,
        "percent": written.percent,
        "percents": written.percents,
        "exact": written.exact,
        "digits": written.digits,
        "resource": written.resource,
        "change": written.change,
        "points": written.points,
        "moved": written.moved,
        "day": written.day_words,
        "month": written.month_words,
        "moment": written.moment,
        "ago": written.ago,
        "coded": written.coded,
        "number": number,
        "reason": reason,
        "segment": segment,
        "text": text,
        "amount": amount,
        "inner": inner,
        "items": items,
        "rows": rows,
        "others": others,
        "last_day": period.last_day,
        "covered": period.covered,
    }
    made.filters |= filters
    return made


def rendered(page: Page, seen: Seen, answers: Answers, assets: Assets) -> str:
    """Write a page of its answers."""
    shown: dict[str, Any] = {**around(page, seen, answers), **page.show(seen, answers)}
    template = environment().get_template(page.template)
    return template.render(shown, asset=assets.href)


def refused(page: Page | None, seen: Seen, answers: Answers, problem: Row, assets: Assets) -> str:
    """Write what stands in place of a page that cannot be shown."""
    days = hinted(seen.url, problem)
    shown: dict[str, Any] = {**around(page, seen, answers), "problem": problem, "elsewhere": days}
    template = environment().get_template("refused.html")
    return template.render(shown, asset=assets.href)


def told_once(template: str, seen: Seen, told: Told, assets: Assets) -> str:
    """Write the page of an answer that is shown once."""
    shown = {"seen": seen, "told": told, "row": told.first, "asset": assets.href}
    return environment().get_template(template).render(shown)


def signing_in(seen: Seen, problem: Row, assets: Assets) -> str:
    """Write the page that asks for a key."""
    shown = {"seen": seen, "problem": problem, "asset": assets.href}
    return environment().get_template("sign_in.html").render(shown)
