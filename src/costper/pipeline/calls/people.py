"""Opens the door of LLM calls: what settings and files say of people, as the doorkeeper wants it.

keeper = doorkeeper(books)
reason = keeper.admit(event)
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from costper.config.llm import LlmSettings
from costper.config.settings import Settings
from costper.errors import SettingError
from costper.identity import ALWAYS, Account, Doorkeeper, Identities, identities
from costper.model.dimension import normal
from costper.store.books import Books
from costper.store.pepper import KEY, pepper_of

Spans = Sequence[tuple[int, str]]
CUSTOMER = "customer"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
EVER = "llm.customers"
"""Where the control store keeps which customers a tenant or account was ever of."""


def doorkeeper(books: Books, *, environment: Mapping[str, str] | None = None) -> Doorkeeper:
    """Give the doorkeeper of the books, which knows what costper.yaml says of people now.

    Raises:
        SettingError: a file of tenants or aliases cannot be read; its place is told.
        UserError, BooksError: the pepper is not as it must be.
    """
    known = known_people(books, environment=environment)
    remember_customers(books, known)
    return Doorkeeper(known)


def known_people(books: Books, *, environment: Mapping[str, str] | None = None) -> Identities:
    """Give what is known of people: from costper.yaml, the files it names, and the pepper."""
    llm = books.settings.llm
    said = os.environ if environment is None else environment
    return identities(
        pepper=pepper_of(books.settings.store_path, books.control, said),
        hash_emails=llm.hash_emails,
        aliases=declared_aliases(books.settings),
        accounts=_accounts(llm),
        tenants=declared_tenants(books.settings),
        customers=customer_aliases(books.settings),
    )


def kept_user_id(books: Books, text: str) -> str:
    """Give the hash a user would be kept under by an id; '' where nothing was ever hashed.

    Asking makes no pepper.
    """
    if books.control.remembered(KEY) is None:
        return ""
    return known_people(books).user_id(text)


def declared_tenants(settings: Settings) -> Mapping[str, Spans]:
    """Give for each tenant since when (microseconds since 1970) which customer.

    Raises:
        SettingError: the file of tenants cannot be read.
    """
    file = settings.llm.tenant_file
    return _tenants_of(settings.root / file) if file else _tenants(settings.llm)


def declared_aliases(settings: Settings) -> Mapping[str, str]:
    """Give for each other id of a user the user's own.

    Raises:
        SettingError: the file of aliases cannot be read.
    """
    file = settings.llm.alias_file
    return dict(_aliases(settings.root / file)) if file else settings.llm.aliases


def customer_aliases(settings: Settings) -> Mapping[str, str]:
    """Give for each other name of a customer its own, as charges of calls are read.

    A name that leads to one that leads on is left to the ledger, which takes one step.
    """
    (found,) = (one.aliases for one in settings.dimensions if one.name == CUSTOMER)
    return {name: own for name, own in found.items() if name != own and found.get(own, own) == own}


def customers_ever(books: Books) -> dict[str, frozenset[str]]:
    """Give every customer that `tenant:NAME`, and customer or team that `account:NAME`, ever had.

    Of calls that carry one of these it is known that a mapping put it there, not their sender.
    """
    kept = books.control.remembered(EVER)
    found: dict[str, list[str]] = json.loads(kept) if kept else {}
    return {who: frozenset(names) for who, names in found.items()}


def remember_customers(books: Books, known: Identities) -> None:
    """Keep which customers calls are given to from now on, so that it can be taken back."""
    before = customers_ever(books)
    now = {f"tenant:{name}": {c for _, c in spans} for name, spans in known.tenants.items()}
    for name, account in known.accounts.items():
        now[f"account:{name}"] = {account.customer}
        now[f"team:{name}"] = {account.team}
    merged = {who: before.get(who, frozenset()) | now.get(who, set()) for who in before | now}
    if merged != before:
        text = {who: sorted(names) for who, names in sorted(merged.items())}
        books.control.remember(EVER, json.dumps(text, ensure_ascii=False))


def day_us(day: date) -> int:
    """Give the first microsecond of a day, since 1970 UTC."""
    return (day - EPOCH.date()).days * DAY_US


def day_of(at_us: int) -> str:
    """Give the UTC day of an instant in microseconds since 1970."""
    return (EPOCH + timedelta(microseconds=at_us)).date().isoformat()


def _accounts(llm: LlmSettings) -> Iterator[Account]:
    for name, said in llm.service_accounts.items():
        yield Account(
            name=name,
            customer=said.customer,
            team=said.team,
            rule=said.allocate,
            ids=said.ids,
        )


def _tenants(llm: LlmSettings) -> dict[str, Spans]:
    return {
        tenant: [(ALWAYS, said)]
        if isinstance(said, str)
        else [(day_us(day), customer) for day, customer in said.items()]
        for tenant, said in llm.tenants.items()
    }


def _tenants_of(path: Path) -> dict[str, Spans]:
    """Read tenant, customer, valid_from; an empty day means always."""
    found: dict[str, dict[int, str]] = {}
    for where, row in _rows(path, ("tenant", "customer"), optional=("valid_from",)):
        since = _since(row["valid_from"], where)
        spans = found.setdefault(normal(row["tenant"]), {})
        if since in spans:
            raise SettingError(
                "the tenant has a customer from that day already",
                where=where,
                hint="one row a tenant and day",
            )
        spans[since] = row["customer"]
    return {tenant: tuple(spans.items()) for tenant, spans in found.items()}


def _since(said: str, where: str) -> int:
    if not said:
        return ALWAYS
    try:
        return day_us(date.fromisoformat(said))
    except ValueError as error:
        hint = "a day such as 2026-08-01"
        raise SettingError("valid_from is no day", where=where, hint=hint) from error


def _aliases(path: Path) -> Iterator[tuple[str, str]]:
    for _, row in _rows(path, ("alias", "user")):
        yield row["alias"], row["user"]


def _rows(
    path: Path, needed: tuple[str, ...], *, optional: tuple[str, ...] = ()
) -> Iterator[tuple[str, dict[str, str]]]:
    """Read a CSV file by its columns' names; messages name lines and never what stands there."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = [name.strip().lower() for name in reader.fieldnames or ()]
            reader.fieldnames = names
            missing = [name for name in needed if name not in names]
            if missing:
                hint = f"the first line is {','.join((*needed, *optional))}"
                raise SettingError(f"no column {missing[0]!r}", where=f"{path.name}:1", hint=hint)
            for said in reader:
                where = f"{path.name}:{reader.line_num}"
                row = {name: (said.get(name) or "").strip() for name in (*needed, *optional)}
                if not all(row[name] for name in needed):
                    raise SettingError("a name is missing", where=where, hint="or remove the line")
                yield where, row
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        told = error.strerror if isinstance(error, OSError) else "it is no CSV file in UTF-8"
        raise SettingError(f"cannot be read: {told}", where=path.name) from error
