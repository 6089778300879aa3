"""Writes numbers, days and changes as pages show them; templates use these as filters.

An amount is written in the currency of the answer it stands in, never in that of the page: what
calls cost is dollars on a page of books in euros.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from markupsafe import Markup, escape

from costper.charts.unit import MINUS, NUMBER, SYMBOLS, Unit, full, short
from costper.web.told import Priced, currency_of, number, reason

NOTHING = "—"
SHORTENED = Markup('<data value="%s" title="%s">%s</data>')
DELTA = Markup('<span class="%s">%s</span>')
ABSENT = Markup('<span class="none">%s</span>') % NOTHING
ABSENT_WHY = Markup('<span class="none" title="%s">%s<span class="sr"> (%s)</span></span>')
ARN_PARTS = 5
"""Parts of an ARN before its resource: arn, partition, service, region, account."""

PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?) ?%")
CELLS_KEPT = 1 << 14
"""Numbers kept as they are written: the next question shows most of them again."""

Sense = str
"""What a rise means: `bad` (a unit cost), `good` (a margin), or '' (a spend) for neither."""


def money(cell: object, of: Priced) -> Markup:
    """Write an amount short, with all of it for whoever points at it."""
    return _number(cell, Unit("money", currency_of(of)))


def rate(cell: object, of: Priced) -> Markup:
    """Write a price for one of something: digits enough to tell small ones apart."""
    return _number(cell, Unit("rate", currency_of(of)))


def count(cell: object) -> Markup:
    """Write a number of things."""
    return _number(cell, NUMBER)


def percent(cell: object) -> Markup:
    """Write a percentage; 97.3 is 97.3%."""
    return _number(cell, Unit("percent"))


def percents(words: object) -> str:
    """Write the percentages in a sentence of the API as pages write them.

    >>> percents("rose 14.02 %, users +3 %, segment 50 % off")
    'rose 14.0%, users +3.0%, segment 50.0% off'
    """
    return PERCENTAGE.sub(lambda it: short(Decimal(it[1]), Unit("percent")), str(words or ""))


def exact(cell: object, of: Priced) -> str:
    """Write an amount with every digit it has, as proofs need it."""
    found = number(cell)
    if found is None:
        return NOTHING
    digits = f"{abs(found):,f}"
    return f"{MINUS if found < 0 else ''}{digits} {currency_of(of)}".strip()


def digits(cell: object, of: Priced) -> str:
    """Write an amount with every digit it has and its sign, as columns of proofs need it.

    >>> digits("-1234.5678901", "USD"), digits("0.5", "CHF"), digits(None, "USD")
    ('\N{MINUS SIGN}$1,234.5678901', 'CHF 0.5', '—')
    """
    found = number(cell)
    if found is None:
        return NOTHING
    currency = currency_of(of)
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{MINUS if found < 0 else ''}{symbol}{abs(found):,f}"


def resource(name: object) -> str:
    """Write the part of an ARN that tells resources apart; another name as it is.

    >>> resource("arn:aws:ec2:eu-west-1:123:volume/vol-0a1"), resource("i-0b2"), resource(None)
    ('volume/vol-0a1', 'i-0b2', '')
    """
    whole = str(name or "")
    parts = whole.split(":", ARN_PARTS)
    return parts[-1] if parts[0] == "arn" and len(parts) > ARN_PARTS and parts[-1] else whole


def change(cell: object, sense: Sense = "") -> Markup:
    """Write a change in percent with its sign; coloured only where a rise is good or bad.

    >>> str(change("13.7"))
    '<span class="delta">+13.7%</span>'
    >>> str(change("20", "bad"))
    '<span class="delta bad">+20.0%</span>'
    """
    found = number(cell)
    if found is None:
        return _absent(cell)
    return DELTA % (_classes(found, sense), signed(found, Unit("percent")))


def points(cell: object, before: object, sense: Sense = "") -> Markup:
    """Write how far a percentage moved from another, in points; nothing where one is not known.

    >>> str(points("61.5", "63.0", "good"))
    '<span class="delta bad">\N{MINUS SIGN}1.5 points</span>'
    """
    now, then = number(cell), number(before)
    if now is None or then is None:
        return Markup()
    return DELTA % (_classes(now - then, sense), f"{signed(now - then, NUMBER)} points")


def moved(cell: object, of: Priced, sense: Sense = "") -> Markup:
    """Write a change in money with its sign."""
    found = number(cell)
    if found is None:
        return _absent(cell)
    return DELTA % (_classes(found, sense), signed(found, Unit("money", currency_of(of))))


def signed(value: Decimal, unit: Unit) -> str:
    """Write a value with a plus or a true minus.

    >>> signed(Decimal("1250"), Unit("money", "USD")), signed(Decimal(0), Unit("percent"))
    ('+$1,250', '0.0%')
    """
    plus = "+" if value > 0 and short(value, unit).strip("$0.,%") else ""
    return plus + short(value, unit)


def _classes(value: Decimal, sense: Sense) -> str:
    if not sense or not value:
        return "delta"
    rising = value > 0
    good = rising == (sense == "good")
    return "delta good" if good else "delta bad"


def _number(cell: object, unit: Unit) -> Markup:
    found = number(cell)
    return _absent(cell) if found is None else _shortened(f"{found:f}", unit)


@lru_cache(CELLS_KEPT)
def _shortened(digits: str, unit: Unit) -> Markup:
    value = Decimal(digits)
    brief, whole = short(value, unit), full(value, unit)
    return escape(brief) if brief == whole else SHORTENED % (digits, whole, brief)


def _absent(cell: object) -> Markup:
    why = reason(cell)
    return ABSENT_WHY % (why, NOTHING, why) if why else ABSENT


def day_words(cell: object) -> str:
    """Write a day as tables show it.

    >>> day_words("2026-11-02"), day_words("2026-11-02T10:00:00Z"), day_words(None)
    ('2 Nov 2026', '2 Nov 2026', '—')
    """
    try:
        found = date.fromisoformat(str(cell)[:10])
    except ValueError:
        return NOTHING
    return f"{found.day} {found:%b %Y}"


def month_words(cell: object) -> str:
    """Write a month by its first day.

    >>> month_words("2026-10-01"), month_words(None)
    ('October 2026', '—')
    """
    try:
        found = date.fromisoformat(str(cell)[:10])
    except ValueError:
        return NOTHING
    return f"{found:%B %Y}"


def moment(cell: object) -> str:
    """Write a time of day in UTC.

    >>> moment("2026-11-02T10:05:09Z")
    '2 Nov 2026, 10:05 UTC'
    """
    try:
        found = datetime.fromisoformat(str(cell))
    except ValueError:
        return NOTHING
    return f"{found.day} {found:%b %Y, %H:%M} UTC"


def ago(cell: object, now: datetime) -> str:
    """Say how long ago something was, roughly.

    >>> from datetime import UTC
    >>> ago("2026-11-02T10:00:00+00:00", datetime(2026, 11, 2, 10, 12, tzinfo=UTC))
    '12 min ago'
    """
    try:
        found = datetime.fromisoformat(str(cell))
    except ValueError:
        return "never"
    minutes = int((now - found).total_seconds() // 60) if found.tzinfo else 0
    for size, word in ((60 * 24, "d"), (60, "h"), (1, "min")):
        if minutes >= size:
            return f"{minutes // size} {word} ago"
    return "just now"


def coded(words: object) -> Markup:
    """Write words whose commands and keys stand between backticks.

    >>> str(coded("run `costper sync` <now>"))
    'run <code>costper sync</code> &lt;now&gt;'
    """
    parts = str(words or "").split("`")
    if len(parts) % 2 == 0:
        return escape(str(words))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part)
        for at, part in enumerate(parts)
    )
