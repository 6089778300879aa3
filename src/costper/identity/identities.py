"""What is declared of people: aliases, service accounts, and which customer a tenant is of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from costper.identity.hashing import MARK, hashed, plain
from costper.model.dimension import normal
from costper.model.person import HASHED, looks_like_email

ALWAYS = -(2**63)
"""The instant a mapping without a first day is valid from, in microseconds since 1970."""

Spans = tuple[tuple[int, str], ...]
"""Of one tenant: since when (microseconds since 1970 UTC) which customer, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A declared service account: a customer or team that pays, or a rule that divides its cost.

    `ids` are the user ids its calls may come under, as sent or as `h:` and their hash.
    """

    name: str
    customer: str = ""
    team: str = ""
    rule: str = ""
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whom calls are of: a user by the hash, or a service account by its name."""

    user_id: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identities:
    """All a doorkeeper knows, with every name in the form it is looked up by.

    `aliases` lead from an id (plain, or `h:` and its hash) to the user's own; `accounts` are by
    name, `account_ids` lead from an id to one of them. `tenants` is by tenant. `customers` lead
    from other names of a customer to its own, as the ledger reads them.
    """

    pepper: bytes = field(repr=False)
    hash_emails: bool = False
    aliases: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    accounts: Mapping[str, Account] = field(default_factory=dict[str, Account])
    account_ids: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    tenants: Mapping[str, Spans] = field(default_factory=dict[str, Spans])
    customers: Mapping[str, str] = field(default_factory=dict[str, str])

    def customer_named(self, customer: str) -> str:
        """Give a customer's own name, by any name of it in normal form."""
        return self.customers.get(customer, customer)

    def customer_of(self, tenant: str, at_us: int) -> str:
        """Give the customer a tenant (in normal form) is of at an instant, '' where unmapped."""
        return customer_at(self.tenants.get(tenant, ()), at_us)

    def user_id(self, text: str) -> str:
        """Give the hash a user is kept under, by any id of theirs."""
        form = plain(text)
        digest = self._digest(form)
        own = self.aliases.get(form) or self.aliases.get(MARK + digest)
        return digest if own is None else self._digest(own)

    def account_of(self, text: str) -> Account | None:
        """Give the service account whose calls come under an id, or that is named so."""
        name = self.account_ids.get(plain(text)) or self.account_ids.get(MARK + self.user_id(text))
        return None if name is None else self.accounts[name]

    def renamed(self) -> Mapping[str, Owner]:
        """Give for each user id that aliases and accounts' ids lead elsewhere, where.

        It is the hash that calls were kept under before the alias or the account was declared.
        """
        found: dict[str, Owner] = {}
        for text in (*self.aliases, *self.account_ids):
            account = self.account_of(text)
            own = Owner(account=account.name) if account else Owner(user_id=self.user_id(text))
            found[self._digest(text)] = own
        # An alias of an alias leads on from where it is, in a backfill of its own.
        return {was: own for was, own in found.items() if own.user_id not in found}

    def _digest(self, text: str) -> str:
        hashed_already = HASHED.fullmatch(text)
        return text.removeprefix(MARK) if hashed_already else hashed(self.pepper, "user", text)


def identities(
    *,
    pepper: bytes,
    hash_emails: bool = False,
    aliases: Mapping[str, str] | None = None,
    accounts: Iterable[Account] = (),
    tenants: Mapping[str, Sequence[tuple[int, str]]] | None = None,
    customers: Mapping[str, str] | None = None,
) -> Identities:
    """Put what is declared into the form it is looked up by.

    `tenants` gives for each tenant since when (microseconds, or ALWAYS) which customer,
    `customers` for each other name of a customer its own, both in normal form.
    """
    named = customers or {}
    known = {normal(one.name): _in_form(one, named) for one in accounts}
    return Identities(
        pepper=pepper,
        hash_emails=hash_emails,
        aliases={_key(alias): _key(user) for alias, user in (aliases or {}).items()},
        accounts=known,
        account_ids=dict(_account_ids(pepper, known.values())),
        tenants={
            tenant_word(pepper, tenant): tuple(
                sorted(
                    ((since, _named(customer, named)) for since, customer in spans), reverse=True
                )
            )
            for tenant, spans in (tenants or {}).items()
        },
        customers=named,
    )


def customer_at(spans: Spans, at_us: int) -> str:
    """Give the customer of an instant, '' before the first one."""
    for since, customer in spans:
        if since <= at_us:
            return customer
    return ""


def tenant_word(pepper: bytes, text: str) -> str:
    """Give a tenant's name as the books keep it; an address is kept as its hash only."""
    return f"{MARK}{hashed(pepper, 'id', text)}" if looks_like_email(text) else normal(text)


def _account_ids(pepper: bytes, accounts: Iterable[Account]) -> Iterator[tuple[str, str]]:
    """Give every account's ids with its name: as they are, and as their hash."""
    for account in accounts:
        for text in account.ids:
            key = _key(text)
            yield key, account.name
            yield key if HASHED.fullmatch(key) else MARK + hashed(pepper, "user", key), account.name


def _key(text: str) -> str:
    return text if HASHED.fullmatch(text) else plain(text)


def _named(customer: str, named: Mapping[str, str]) -> str:
    return named.get(normal(customer), normal(customer))


def _in_form(account: Account, named: Mapping[str, str]) -> Account:
    return Account(
        name=normal(account.name),
        customer=_named(account.customer, named),
        team=normal(account.team),
        rule=account.rule,
        ids=account.ids,
    )
