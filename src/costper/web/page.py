"""What a page is: the questions it puts to the API, and how it shows the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from costper.web.hosting import Making
from costper.web.told import Row, Told
from costper.web.url import Url

Method = Literal["GET", "POST", "PUT", "DELETE"]
Form = Mapping[str, str]
NOT_MAKING = Making("none")
WIDTH = 1104
"""How many pixels a page has for a chart until the browser says it: most windows have nearly so.

The script of the pages knows it too, and asks anew where a window is far from it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request to the API: a path with its parameters, and a body where it sends one."""

    path: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Mapping[str, object] | None = None
    method: Method = "GET"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Who looks at what: the address, the visitor and what their window is like.

    `problem` tells why the form in `sent` was refused, so that nothing typed is lost; `notice`
    is what was just done, `making` how far the sample company is.
    """

    url: Url
    now: datetime
    path: Mapping[str, str] = field(default_factory=dict[str, str])
    width: int = WIDTH
    theme: str = ""
    organisation: str = ""
    problem: Mapping[str, object] | None = None
    sent: Form = field(default_factory=dict[str, str])
    notice: str = ""
    making: Making = NOT_MAKING


Asks = Mapping[str, Ask]
Answers = Mapping[str, Told]
Context = Mapping[str, object]


def asks_nothing_more(_seen: Seen, _told: Answers) -> Asks:
    """Ask no second time."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page. `path` may hold names in braces; `section` is its place in the navigation.

    `asks` says what it wants to know, `then` what else once that is known; `show` turns the
    answers into what the template needs. An answer named in `needs` that is refused makes the
    whole page say so; others are the template's to show. `csv` names the answer whose rows are the
    table on screen, for whoever wants it as a file; `table` gives its rows where they are put
    together of several answers, and `heads` names the columns of an empty one. `once` says
    what will stand there once something has come in: until then that is all the page shows.
    """

    name: str
    path: str
    title: str
    template: str
    asks: Callable[[Seen], Asks]
    show: Callable[[Seen, Answers], Context]
    then: Callable[[Seen, Answers], Asks] = asks_nothing_more
    needs: tuple[str, ...] = ()
    section: str = ""
    csv: str = ""
    table: Callable[[Seen, Answers], Sequence[Row]] | None = None
    heads: tuple[str, ...] = ()
    once: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing a form does: what it sends to the API, and where the reader goes then.

    `done` is told on the next page. A refusal shows the page the form came from again, with the
    reason and all that was typed. `shows` names a template that tells the answer at once and
    instead, on a page nobody keeps: for what must stand in no cookie and no address. After what
    `renews`, the server reads costper.yaml again.
    """

    name: str
    path: str
    sends: Callable[[Form, Mapping[str, str]], Ask]
    then: Callable[[Form, Told], str]
    done: Callable[[Form, Told], str]
    renews: bool = False
    shows: str = ""
