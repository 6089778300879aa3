"""Saved views as states of the screen, and what its forms send to keep, delete and share them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from costper.web.explorer.lines import RESULT, Formula, Line, worded
from costper.web.explorer.state import PATH, State, read_state
from costper.web.page import Act, Ask, Form
from costper.web.told import Row, Told, items, rows, text
from costper.web.url import Url, own, segment

VIEWS = "/api/v1/views"
SHARES = "/api/v1/shares"
NOT_NAME = re.compile(r"[^a-z0-9]+")
LONGEST = 63


def state_of(view: Row) -> State:
    """Give what a saved view shows when it is opened."""
    scale = text(view, "scale")
    return State(
        lines=tuple(_line(it) for it in rows(view, "letters")),
        formulas=tuple(_formula(it) for it in rows(view, "formulas")),
        grain=text(view, "grain") or "whole",
        by=tuple(str(it) for it in items(view, "by")),
        compare=text(view, "compare") or "none",
        since=text(view, "from"),
        until=text(view, "to"),
        days=text(view, "days"),
        span=text(view, "range"),
        unit=text(view, "unit"),
        scale="" if scale == "1" else scale,
        view=text(view, "view"),
        version=text(view, "version"),
    )


def opened(url: Url, name: str, view: Row) -> State:
    """Give a saved view as it is opened by an address that may say other days."""
    said, saved = read_state(url), state_of(view)
    days = (
        {name: getattr(said, name) for name in ("since", "until", "days", "span")}
        if said.period
        else {}
    )
    return replace(saved, view=name, shown=said.shown, **days)


def is_modified(state: State, view: Row) -> bool:
    """Say whether the screen asks something else than the saved view does."""
    return state.body != state_of(view).body


def _line(row: Row) -> Line:
    what = " ".join(filter(None, (text(row, "kind"), worded(text(row, "of")))))
    return Line(text(row, "name"), what, text(row, "where"), text(row, "aggregation"))


def _formula(row: Row) -> Formula:
    name, written = text(row, "name"), text(row, "text")
    return Formula(name, written if name == RESULT else f"{name} = {written}")


def named(title: str) -> str:
    """Make a name of a title.

    >>> named("Cost per 1k users, by plan"), named("42 €"), named("中文")
    ('cost_per_1k_users_by_plan', 'view_42', 'view')
    """
    name = NOT_NAME.sub("_", title.lower()).strip("_")[:LONGEST].strip("_")
    if name[:1].isalpha():
        return name
    return f"view_{name}"[:LONGEST].rstrip("_")


def back(form: Form) -> State:
    """Give the state of the screen a form was sent from."""
    parts = urlsplit(own(form.get("back", "")))
    return read_state(Url(PATH, tuple(parse_qsl(parts.query, keep_blank_values=True))))


def name_of(form: Form) -> str:
    """Give the name a form saves under: its own, or one made of the title."""
    return form.get("name", "").strip() or named(form.get("title", ""))


def _save(form: Form, _path: Mapping[str, str]) -> Ask:
    """Save over the version the reader began with, or under a name that must be new."""
    version = form.get("version", "")
    body = {
        **back(form).body,
        "title": form.get("title", "").strip(),
        "description": form.get("description", "").strip(),
        "owner": form.get("owner", "").strip(),
        "version": int(version) if version.isdecimal() and len(version) < 10 else 0,  # noqa: PLR2004
    }
    said = {name: value for name, value in body.items() if value not in ("", None)}
    return Ask(path=f"{VIEWS}/{segment(name_of(form))}", body=said, method="PUT")


def _kept(_form: Form, told: Told) -> str:
    return f"{PATH}/views/{segment(text(told.first, 'view'))}"


def _delete(form: Form, path: Mapping[str, str]) -> Ask:
    version = form.get("version", "")
    params = {"version": version} if version else {}
    return Ask(path=f"{VIEWS}/{segment(path['name'])}", params=params, method="DELETE")


def _left(form: Form, _told: Told) -> str:
    """Stay with the question; it is nobody's view now."""
    return str(replace(back(form), view="", version="").url)


def _share(form: Form, _path: Mapping[str, str]) -> Ask:
    days = form.get("days", "")
    body: dict[str, object] = {"path": str(back(form).url)}
    if days.isdecimal() and len(days) < 5:  # noqa: PLR2004
        body["days"] = int(days)
    return Ask(path=SHARES, body=body, method="POST")


def _shared(form: Form, told: Told) -> str:
    return str(back(form).url.having(shared=text(told.first, "share")))


SAVED: tuple[Act, ...] = (
    Act(
        name="save-view",
        path=f"{PATH}/save",
        sends=_save,
        then=_kept,
        done=lambda _form, told: f"Saved as {text(told.first, 'view')}",
    ),
    Act(
        name="delete-view",
        path=f"{PATH}/views/{{name}}/delete",
        sends=_delete,
        then=_left,
        done=lambda _form, _told: "Deleted; its question is still on screen",
    ),
    Act(
        name="share-view",
        path=f"{PATH}/share",
        sends=_share,
        then=_shared,
        done=lambda _form, told: f"The link works until {text(told.first, 'expires')}",
    ),
)
"""What the forms of the Explorer do."""
