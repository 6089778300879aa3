"""What is on the Explorer's screen, as its address says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from string import ascii_lowercase

from costper.web.explorer.lines import Formula, Line, read_formulas, read_line
from costper.web.url import Pairs, Url

PATH = "/explorer"
FORMULA, WORD = "f", "letter"
SINGLE = tuple(it for it in ascii_lowercase if it != FORMULA)
"""Letters that are parameters of the address; `f` is the formula."""

GRAINS = ("day", "week", "month", "quarter", "whole")
COMPARES = (
    ("previous", "days before"),
    ("year", "a year before"),
    ("weekday", "same weekdays before"),
    ("month_to_date", "a month before"),
    ("none", "nothing"),
)
OVERLAY = "overlay"
MOST_BY = 4


def usual_compare(grain: str) -> str:
    """Give what is compared with unless somebody says: a Saturday is no Thursday.

    >>> usual_compare("day"), usual_compare("month")
    ('weekday', 'previous')
    """
    return "weekday" if grain == "day" else "previous"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One question with the way it is shown. `view` and `version` are of the saved one it is from.

    Days are `since` to before `until`, or `days`, or words (`span`). `shown` is what only the
    screen has: draw, hide, rows, page, top, ahead.
    """

    lines: tuple[Line, ...] = ()
    formulas: tuple[Formula, ...] = ()
    grain: str = "day"
    by: tuple[str, ...] = ()
    compare: str = "weekday"
    since: str = ""
    until: str = ""
    days: str = ""
    span: str = ""
    unit: str = ""
    scale: str = ""
    view: str = ""
    version: str = ""
    shown: Pairs = ()

    def get(self, name: str) -> str:
        """Give one of the things only the screen has."""
        return next((value for key, value in self.shown if key == name), "")

    @property
    def body(self) -> dict[str, object]:
        """Write the question as the API takes it."""
        return {**self.asked, **self.period}

    @property
    def asked(self) -> dict[str, object]:
        """Write the question without its days."""
        found: dict[str, object] = {
            "letters": {it.name: it.text for it in self.lines},
            "formulas": [it.text for it in self.formulas],
            "grain": "" if self.grain == "whole" else self.grain,
            "by": list(self.by),
            "compare": "" if self.compare == "none" else self.compare,
            "unit": self.unit,
            "scale": int(self.scale) if self.scale.isdecimal() and len(self.scale) < 12 else None,  # noqa: PLR2004
        }
        return {name: value for name, value in found.items() if value not in ("", None, [], {})}

    @property
    def period(self) -> dict[str, object]:
        """Write the days as the API takes them; nothing leaves them to it."""
        if self.since or self.until:
            said = {"from": self.since, "to": self.until}
            return {name: value for name, value in said.items() if value}
        if self.span:
            return {"range": self.span}
        if self.days:
            return {"days": int(self.days) if self.days.isdecimal() else self.days}
        return {}

    @property
    def url(self) -> Url:
        """Give the address this is at."""
        return Url(PATH, tuple(_pairs(self)))

    def having(self, **shown: str | None) -> Url:
        """Give the address with things only the screen has put otherwise; None takes one away."""
        kept = tuple(pair for pair in self.shown if pair[0] not in shown)
        added = tuple((name, value) for name, value in shown.items() if value)
        return replace(self, shown=(*kept, *added)).url


SHOWN = ("draw", "hide", "rows", "page", "top", "ahead")


def _pairs(state: State) -> Iterator[tuple[str, str]]:
    yield from (_letter(it) for it in state.lines)
    yield from ((FORMULA, it.text) for it in state.formulas)
    said = {
        "grain": "" if state.grain == "day" else state.grain,
        "compare": "" if state.compare == usual_compare(state.grain) else state.compare,
        "from": state.since,
        "to": state.until,
        "days": state.days,
        "range": state.span,
        "unit": state.unit,
        "scale": state.scale,
    }
    yield from ((name, value) for name, value in said.items() if value)
    yield from (("by", name) for name in state.by)
    yield from state.shown
    saved = (("view", state.view), ("version", state.version))
    yield from ((name, value) for name, value in saved if value)


def _letter(line: Line) -> tuple[str, str]:
    if line.name in SINGLE:
        return line.name, line.text
    return WORD, f"{line.name}={line.text}"


def is_asked(url: Url) -> bool:
    """Say whether an address asks anything itself."""
    return any(key in SINGLE or key == WORD for key, value in url.pairs if value)


def read_state(url: Url) -> State:
    """Read an address: its letters as `a=TEXT`, or in the three fields of a form row."""
    hows = {name for name, _ in COMPARES}
    grain = url.get("grain") if url.get("grain") in GRAINS else "day"
    compare = url.get("compare") if url.get("compare") in hows else usual_compare(grain)
    own = bool(url.get("from") or url.get("to"))
    words = url.get("range")
    return State(
        lines=tuple(_added(url, _lines(url))),
        formulas=read_formulas(url.all(FORMULA)),
        grain=grain,
        by=tuple(dict.fromkeys(url.all("by")))[:MOST_BY],
        compare=compare,
        since=url.get("from"),
        until=url.get("to"),
        days="" if own or words else url.get("days"),
        span="" if own else words,
        unit=url.get("unit"),
        scale=url.get("scale"),
        view=url.get("view"),
        version=url.get("version"),
        shown=tuple((name, url.get(name)) for name in SHOWN if url.get(name)),
    )


def _lines(url: Url) -> Iterator[Line]:
    """Read each letter once, in the order of the address."""
    parts: Mapping[str, str] = {key: value for key, value in url.pairs if "." in key}
    seen: set[str] = set()
    for key, value in url.pairs:
        name, text = (key, value) if key in SINGLE else _word(key, value)
        if not name or not text or name in seen:
            continue
        seen.add(name)
        line = read_line(name, text)
        where, how = parts.get(f"{name}.where", ""), parts.get(f"{name}.as", "")
        yield replace(line, where=where.strip() or line.where, how=how or line.how)


def _word(key: str, value: str) -> tuple[str, str]:
    """Read `letter=NAME=TEXT`, or the first field of such a letter's row, `letter.NAME`."""
    if key == WORD:
        name, _, text = value.partition("=")
        return name.strip(), text
    head, _, name = key.partition(".")
    return (name, value) if head == WORD else ("", "")


def _added(url: Url, lines: Iterator[Line]) -> Iterator[Line]:
    """Add the letter that the form's button asks for."""
    found = tuple(lines)
    yield from found
    wanted = url.get("add")
    if wanted in SINGLE and wanted not in {it.name for it in found}:
        yield Line(wanted, "cost")


def next_letter(state: State) -> str:
    """Give the first letter that is free; '' when none is."""
    taken = {it.name for it in state.lines}
    return next((it for it in SINGLE if it not in taken), "")
