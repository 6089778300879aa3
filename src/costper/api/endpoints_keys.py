"""The endpoints of keys: who has one, making and revoking one, and the log of what was done."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import cast

from costper.api.callers import LOCAL, Caller
from costper.api.endpoint import Endpoint, Shape
from costper.api.parameters import Given, Parameter
from costper.api.posts import Node, Post, Sent, check_members, text_in
from costper.api.posts_query import problem_of
from costper.api.problems import Problem
from costper.errors import UnknownNameError, UserError
from costper.model.answer import Answer
from costper.model.outcome import Issue
from costper.pipeline.answer.customer import known_customer
from costper.pipeline.answer.frame import Frame
from costper.pipeline.keys import audit_answer, key_answer, keys_answer, who_answer
from costper.store.audit import audit_mark, newest
from costper.store.books import Books
from costper.store.keys import (
    CUSTOMER_SCOPE,
    LONGEST_CUSTOMER,
    LONGEST_NAME,
    SCOPES,
    Key,
    LastKeyError,
    LateKeyError,
    TakenKeyError,
    add_key,
    list_keys,
    revoke_key,
)

KEYS_PATH = "/api/v1/keys"
AUDIT_PATH = "/api/v1/audit"
WHO_PATH = "/api/v1/whoami"
ENTRIES = 100
MOST_ENTRIES = 1_000
LAST_ENTRY = 9_999_999
NOBODYS = frozenset((LOCAL, "cli", "python"))
"""Names the log has for those without a key."""

KEY: dict[str, Shape] = {"name": "text", "scopes": "texts", "created": "text"}
ENTRY: dict[str, Shape] = {
    "seq": "count",
    "at": "text",
    "actor": "text",
    "action": "text",
    "subject": "text",
    "detail": "text",
    "hash": "text",
}
BODY: Node = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        "scopes": {
            "type": "array",
            "items": {"type": "string", "enum": list(SCOPES)},
            "description": "What it may do: read, where nothing is said.",
        },
        "customer": {
            "type": "string",
            "maxLength": LONGEST_CUSTOMER,
            "description": "Only this customer's own answer; then there are no scopes.",
        },
    },
    "example": {"name": "dashboard", "scopes": ["read"]},
}


def who(books: Books, caller: Caller) -> Answer:
    """Say who calls, and what it may do."""
    return who_answer(
        books,
        {
            "name": caller.name,
            "customer": caller.customer,
            "reads": caller.reads,
            "writes": caller.writes,
            "ingests": caller.ingests,
            "admin": caller.admin,
            "key": caller.name != LOCAL,
        },
    )


def _audited(books: Books) -> str:
    return f"@audit{audit_mark(books.control)}"


def _kept(books: Books) -> str:
    return f"@keys{sha256(repr(list_keys(books.control)).encode()).hexdigest()[:16]}"


def _ask_audit(books: Books, frame: Frame, given: Given) -> Answer:
    rows, before = given.get("rows"), given.get("before")
    limit = rows if isinstance(rows, int) else ENTRIES
    first = before if isinstance(before, int) else None
    found = newest(books.control, limit=limit, before=first)
    more = found[-1].seq if found and found[-1].seq > 1 else None
    return audit_answer(books, frame.standing, found, int(audit_mark(books.control)), more)


def _take_key(sent: Sent) -> Answer:
    check_members(sent, "name", "scopes", "customer")
    name, scopes = text_in(sent, "name"), _scopes(sent)
    _check_first(sent, scopes)
    if name in NOBODYS:
        detail = f"{name!r} is what the log calls those without a key"
        raise Problem(400, "bad-body", detail, "choose another name", "name")
    try:
        secret = add_key(
            sent.books.control,
            name,
            scopes,
            now=sent.now,
            actor=sent.caller.name,
            only_first=sent.caller.name == LOCAL,
        )
    except LateKeyError as error:
        raise Problem(409, "first-key", error.message, error.hint) from error
    except TakenKeyError as error:
        raise Problem(409, "taken", error.message, error.hint, "name") from error
    except UserError as error:
        raise problem_of(error) from error
    found = key_answer(sent.books, sent.standing(), _key_of(sent, name), secret)
    return replace(found, issues=_unknown(sent, scopes))


def _take_revoke(sent: Sent) -> Answer:
    name = sent.path["name"]
    if name == sent.caller.name:
        hint = "use another key with the scope admin, or `costper keys revoke`"
        raise Problem(409, "own-key", "a key cannot revoke itself", hint)
    try:
        revoke_key(sent.books.control, name, now=sent.now, actor=sent.caller.name, keep_admin=True)
    except UnknownNameError as error:
        raise Problem(404, "unknown-name", error.message, error.hint) from error
    except LastKeyError as error:
        raise Problem(409, "last-key", error.message, error.hint) from error
    return key_answer(sent.books, sent.standing(), _key_of(sent, name))


def _scopes(sent: Sent) -> tuple[str, ...]:
    said, customer = sent.body.get("scopes"), text_in(sent, "customer")
    if said is not None and not _texts(said):
        raise Problem(400, "bad-body", "scopes must be a list of texts", parameter="scopes")
    scopes = tuple(dict.fromkeys(cast("list[str]", said or [])))
    if "customer" in sent.body and not customer.strip():
        detail = "a key of one customer names that customer"
        raise Problem(
            400, "bad-body", detail, "its id, as the list of customers has it", "customer"
        )
    if not customer:
        odd = [one for one in scopes if one not in SCOPES]
        if odd:
            hint = f"one of {', '.join(SCOPES)}; a customer is named in `customer`"
            raise Problem(400, "bad-body", f"unknown scope {odd[0][:80]!r}", hint, "scopes")
        return scopes or ("read",)
    if scopes:
        detail = "customer and scopes exclude each other"
        raise Problem(400, "bad-body", detail, "leave one out", "scopes")
    return (f"{CUSTOMER_SCOPE}{customer}",)


def _texts(said: object) -> bool:
    return isinstance(said, list) and all(
        isinstance(one, str) for one in cast("list[object]", said)
    )


def _check_first(sent: Sent, scopes: tuple[str, ...]) -> None:
    """Keep whoever makes the first key from being shut out by it."""
    in_force = any(not one.revoked_at for one in list_keys(sent.books.control))
    if not in_force and "admin" not in scopes:
        raise Problem(
            409,
            "first-key",
            "with the first key nobody gets in without one, and this one could make no other",
            "give the first key the scope admin, or use `costper keys add`",
            "scopes",
        )


def _key_of(sent: Sent, name: str) -> Key:
    return next(one for one in list_keys(sent.books.control) if one.name == name)


def _unknown(sent: Sent, scopes: tuple[str, ...]) -> tuple[Issue, ...]:
    customer = scopes[0].removeprefix(CUSTOMER_SCOPE)
    if customer == scopes[0] or known_customer(sent.books.marts, customer):
        return ()
    return (
        Issue(
            code="unknown_customer",
            message=f"the books know no customer {customer!r} yet: the key reads nothing",
            severity="warning",
            where="customer",
            hint="the customers they know are in /api/v1/costs/customers",
        ),
    )


KEYS: tuple[Endpoint, ...] = (
    Endpoint(
        path=KEYS_PATH,
        name="keys",
        summary="Who has a key and what it may do, never the secrets. Needs the scope admin.",
        ask=lambda books, frame, _given: keys_answer(books, frame.standing),
        columns=KEY,
        parameters=(),
        paged=True,
        state=_kept,
        admin=True,
    ),
    Endpoint(
        path=AUDIT_PATH,
        name="audit",
        summary="What people and keys did, the newest first. Needs the scope admin.",
        ask=_ask_audit,
        columns=ENTRY,
        parameters=(
            Parameter(
                name="rows",
                kind="count",
                least=1,
                most=MOST_ENTRIES,
                summary=f"How many entries, else {ENTRIES}.",
            ),
            Parameter(
                name="before",
                kind="count",
                least=1,
                most=LAST_ENTRY,
                summary="Those before this one: `total.before` of the page before.",
            ),
        ),
        state=_audited,
        admin=True,
    ),
)
KEY_POSTS: tuple[Post, ...] = (
    Post(
        path=KEYS_PATH,
        name="add_key",
        summary="Make a key; its secret is told this once. Needs the scope admin.",
        take=_take_key,
        body=BODY,
        admin=True,
    ),
    Post(
        path=f"{KEYS_PATH}/{{name}}",
        name="revoke_key",
        summary="Put a key out of force, for good. Needs the scope admin.",
        take=_take_revoke,
        body={},
        method="DELETE",
        admin=True,
    ),
)
