"""What programs may send: a body of JSON, read whole and strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import msgspec

from costper.api.callers import WRITE, Caller, check_admin, check_reads
from costper.api.parameters import Given, Parameter, Value
from costper.api.problems import Problem
from costper.model.answer import Answer
from costper.pipeline.answer.frame import Standing
from costper.pipeline.query.facts import Facts
from costper.store.books import Books

JSON = "application/json"
ACCEPTED = 202
"""The status of work that goes on after its reply."""

LONGEST_BODY = 64 * 2**10
Node = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent, by whom and when; `path` and `query` hold the parameters of the address.

    `facts` gives what is known of these books whatever is asked, `standing` how they stand: both
    are read once for each version.
    """

    books: Books
    caller: Caller
    path: Mapping[str, str]
    body: Mapping[str, object]
    now: datetime
    facts: Callable[[], Facts]
    standing: Callable[[], Standing]
    query: Given = field(default_factory=dict[str, Value])


def _no_state(_books: Books) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One POST, PUT or DELETE. `take` does it and answers; `body` is the schema of what is sent.

    `changes` says whether a key needs the scope to write; what changes nothing is a question,
    and its answer is kept while the books do not change, nor the `state` of what else it hangs
    on; one that is `slow` is asked by one caller at a time. `admin` refuses who may not see
    keys. `examples` are shown in the description. `status` is what a reply has.
    """

    path: str
    name: str
    summary: str
    take: Callable[[Sent], Answer]
    body: Node
    method: Literal["POST", "PUT", "DELETE"] = "POST"
    changes: bool = True
    examples: Mapping[str, Node] = field(default_factory=dict[str, Node])
    parameters: tuple[Parameter, ...] = ()
    admin: bool = False
    state: Callable[[Books], str] = _no_state
    slow: bool = False
    status: int = 200


def check_may(post: Post, caller: Caller) -> None:
    """Refuse a customer's own key, and one that may only read."""
    if caller.customer is not None:
        raise Problem(403, "not-yours", "this key sees only its own customer's answer")
    if post.admin:
        check_admin(caller)
    if not post.changes:
        check_reads(caller)
    if post.changes:
        check_writes(caller)


def check_writes(caller: Caller) -> None:
    """Refuse a customer's own key, and one that may not change things."""
    if caller.customer is not None:
        raise Problem(403, "not-yours", "this key sees only its own customer's answer")
    if not caller.writes:
        hint = "make one with `costper keys add NAME --scope write`"
        raise Problem(403, "no-scope", f"this needs a key with the scope {WRITE}", hint)


def object_of(kind: str, body: bytes) -> dict[str, object]:
    """Read a body; only JSON that says it is, for a page of elsewhere cannot send that unasked."""
    if kind.partition(";")[0].strip().lower() != JSON:
        raise Problem(415, "not-json", f"only {JSON} is understood", f"send Content-Type: {JSON}")
    if len(body) > LONGEST_BODY:
        raise Problem(413, "too-long", f"a body has at most {LONGEST_BODY} bytes")
    try:
        found = msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Problem(400, "bad-body", "the body is no JSON object", str(error)) from error
    return found


def text_in(sent: Sent, name: str, *, choices: tuple[str, ...] = ()) -> str:
    """Give a member that must be text, one of `choices` where there are any."""
    found = sent.body.get(name, "")
    if not isinstance(found, str) or (choices and found not in choices):
        hint = f"one of {', '.join(choices)}" if choices else "text"
        raise Problem(400, "bad-body", f"{name} must be {hint}", parameter=name)
    return found


def check_members(sent: Sent, *known: str) -> None:
    """Refuse members nobody reads: they would be lost without a word."""
    for name in sent.body:
        if name not in known:
            detail, hint = f"unknown member {name!r}", f"known: {', '.join(known)}"
            raise Problem(400, "bad-body", detail, hint, name)
