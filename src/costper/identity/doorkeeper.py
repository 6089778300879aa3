"""Lets calls in: turns who is said to have caused them into ids that name nobody.

A known id costs one look-up in a dictionary. What is remembered is bounded: two generations,
of which the older is dropped when the younger is full.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Protocol, cast

from costper.identity.hashing import MARK, hashed, is_nobody
from costper.identity.identities import Account, Identities, Spans, customer_at
from costper.identity.memory import Memory
from costper.model.dimension import normal
from costper.model.person import looks_like_email

REMEMBERED = 50_000
"""Ids in a generation: some 10 MB."""

ANONYMOUS = "anonymous"
"""Stands in `anon_id` once it is folded into `user_id`: the call is of the anonymous cohort."""

FIX = "send an id of your own, or set llm.hash_emails: true"
ITS_NAME = "it names no person, so send the name alone"
NO_TENANT: tuple[str, Spans] = ("", ())
CONTROL = re.compile(r"[\x00-\x1f\x7f]")

TYING = ("external_request_id", "session_id", "operation_id")
CAREFUL = frozenset(("anon_id", "ip_hash", "service_account", "customer_id"))
"""Calls that name any of these are looked at one by one."""

Columns = Mapping[str, Sequence[Any]]
PEOPLE_READ = ("endpointTag", "promptVersion", "team", "outcome")


class ToldLine(Protocol):
    """What a doorkeeper reads of a line."""

    @property
    def model(self) -> str:
        """The model that was billed."""
        ...

    @property
    def part(self) -> str:
        """What part of the call the line is."""
        ...


class Told(Protocol):
    """What a doorkeeper reads and rewrites of an event; `timestamp` is in microseconds."""

    @property
    def lines(self) -> Sequence[ToldLine]:
        """The lines of a call that bills several."""
        ...

    provider: str
    model: str
    environment: str
    timestamp: str | int | float | None
    external_request_id: str
    user_id: str
    anon_id: str
    ip_hash: str
    service_account: str
    tenant_id: str
    customer_id: str
    team: str
    endpoint_tag: str
    prompt_version: str
    session_id: str
    operation_id: str
    outcome: str


class Doorkeeper:
    """Admits calls by what is declared of people.

    Threads may share one: what two of them find out at once is the same.
    """

    def __init__(self, identities: Identities, *, remembered: int = REMEMBERED) -> None:
        """Know the identities; remember so many ids in a generation."""
        self.identities = identities
        self._users: Memory[str | Account] = Memory(remembered)
        self._words: Memory[str] = Memory(remembered)
        self._anons: Memory[str] = Memory(remembered)
        self._ips: Memory[str] = Memory(remembered)
        self._programs: Memory[Account] = Memory(remembered)
        self._tenants: Memory[tuple[str, Spans]] = Memory(remembered)

    def admit(self, event: Told) -> str:
        """Rewrite the ids of an event in place; '' when it may pass, else why it is refused.

        Afterwards `user_id` is a hash, a declared account stands in `service_account` alone, the
        tenant is in normal form, and `customer_id` is who pays as far as anybody said. A reason
        never repeats what was sent.
        """
        refused = self._read(event)
        if refused:
            return refused
        if not _are_plain((event,)):
            self._hide(event)
        return self._identified(event)

    def admit_known(self, events: Sequence[Told]) -> Mapping[int, str]:
        """Admit calls whose words passed before; give by place why some are refused."""
        refused: dict[int, str] = {}
        if not _are_plain(events):
            for event in events:
                self._hide(event)
        user_of, tenant_of = self._users.young.get, self._tenants.young.get
        for place, event in enumerate(events):
            user, tenant = user_of(event.user_id), tenant_of(event.tenant_id, NO_TENANT)
            if (  # nearly all are of a user and a tenant who were here before
                type(user) is not str
                or not user
                or (tenant is NO_TENANT and event.tenant_id)
                or event.anon_id
                or event.ip_hash
                or event.service_account
                or event.customer_id
            ):
                if reason := self._identified(event):
                    refused[place] = reason
                continue
            event.user_id = user
            event.tenant_id, spans = tenant
            if spans and isinstance(event.timestamp, int):
                event.customer_id = customer_at(spans, event.timestamp)
        return refused

    def admit_columns(self, said: Columns) -> dict[str, Sequence[Any]] | None:
        """Admit calls whose words passed before, by the columns of what they say of people.

        Gives what `admit_known` would have put there; None where it would have refused one, or
        where anything is not as it is in nearly all.
        """
        tied = [said[name] for name in TYING if name in said]
        if not CAREFUL.isdisjoint(said) or not all(map(_is_plain, tied)):
            return None
        users, tenants, times = said.get("user_id"), said.get("tenant_id"), said["timestamp"]
        found: dict[str, Sequence[Any]] = {}
        if users is not None:
            known = self._users_at_once(users)
            if known is None:
                return None
            found["user_id"] = known
        if tenants is not None:
            paying = self._tenants_at_once(set(tenants), min(times), max(times))
            if paying is None:
                return None
            found["tenant_id"] = [paying[one][0] for one in tenants]
            if any(customer for _, customer in paying.values()):
                found["customer_id"] = [paying[one][1] for one in tenants]
        return found

    def _users_at_once(self, said: Sequence[str]) -> list[str] | None:
        """Give the hashes of users, '' for nobody; None where one is refused or a program."""
        found = list(map(self._users.young.get, said))
        if None in found:
            found = [
                self._known(user) if one is None else one
                for user, one in zip(said, found, strict=True)
            ]
        return cast("list[str]", found) if set(map(type, found)) == {str} else None

    def _known(self, said: str) -> str | Account | None:
        """Find out whose an id is, '' for none."""
        return (self._users.young.get(said) or self._met(said)) if said else ""

    def _tenants_at_once(
        self, said: Collection[str], first_us: int, last_us: int
    ) -> dict[str, tuple[str, str]] | None:
        """Give tenants in normal form with their customers; None where one changed meanwhile."""
        found: dict[str, tuple[str, str]] = {}
        for one in said:
            known = self._tenant_met(one) if one else NO_TENANT
            if known is None:
                return None
            tenant, spans = known
            customer = customer_at(spans, first_us)
            if any(first_us < since <= last_us for since, _ in spans):
                return None
            found[one] = tenant, customer
        return found

    def _identified(self, event: Told) -> str:
        """Rewrite who caused an event, whose words may pass, and who pays."""
        refused = self._who(event)
        if refused or not (event.tenant_id or event.customer_id or event.service_account):
            return refused
        if event.customer_id or event.service_account:
            return self._payer(event)
        return self._tenant(event, event.tenant_id)

    def _who(self, event: Told) -> str:
        if event.service_account:
            return self._program(event, event.service_account)
        if not event.user_id:
            return self._visitor(event)
        return self._user(event, event.user_id)

    def _user(self, event: Told, said: str) -> str:
        found = self._users.young.get(said)
        if found is None:
            found = self._met(said)
        if isinstance(found, str) and found:
            event.user_id = found
            event.anon_id = event.ip_hash = ""
            return ""
        if isinstance(found, Account):
            _runs(event, found)
            return ""
        event.user_id = ""
        return _reason("userId", said) if found is None else self._visitor(event)

    def _met(self, said: str) -> str | Account | None:
        """Find out whose an id is; None when it is an address nobody may send."""
        found = self._users.old.get(said)
        if found is None:
            account = self.identities.account_of(said)
            if account is not None:
                found = account
            elif is_nobody(said):
                found = ""
            elif self._is_refused(said):
                return None
            else:
                found = self.identities.user_id(said)
        return self._users.put(said, found)

    def _visitor(self, event: Told) -> str:
        """Fold an anonymous id into the user's, where one is given."""
        said, kind = (event.anon_id, "anon") if event.anon_id else (event.ip_hash, "ip")
        event.anon_id = event.ip_hash = ""
        if not said or is_nobody(said):
            return ""
        if self._is_refused(said):
            return _reason("anonId" if kind == "anon" else "ipHash", said)
        memory = self._anons if kind == "anon" else self._ips
        found = memory.young.get(said)
        if found is None:
            digest = hashed(self.identities.pepper, "anon" if kind == "anon" else "ip", said)
            found = memory.put(said, digest)
        event.user_id, event.anon_id = found, ANONYMOUS
        return ""

    def _program(self, event: Told, said: str) -> str:
        """Take a service account by its name, by an id of it, or as one nobody declared."""
        account = self._programs.young.get(said)
        if account is None:
            known = self.identities
            account = known.accounts.get(normal(said)) or known.account_of(said)
            if account is None:
                kept = self._word(said)
                if kept is None:
                    return _reason("serviceAccount", said)
                account = Account(name=kept)
            self._programs.put(said, account)
        _runs(event, account)
        return ""

    def _tenant(self, event: Told, said: str) -> str:
        """Put the tenant in normal form, and let its customer pay: most calls say no more."""
        found = self._tenant_met(said)
        if found is None:
            return _reason("tenantId", said)
        tenant, spans = found
        event.tenant_id = tenant
        at = event.timestamp
        if spans and isinstance(at, int):
            event.customer_id = customer_at(spans, at)
        return ""

    def _tenant_met(self, said: str) -> tuple[str, Spans] | None:
        """Give a tenant in normal form and its customers; None when it is refused."""
        found = self._tenants.young.get(said)
        if found is not None:
            return found
        tenant = self._word(said)
        if tenant is None:
            return None
        return self._tenants.put(said, (tenant, self.identities.tenants.get(tenant, ())))

    def _payer(self, event: Told) -> str:
        """Put tenant and customer in normal form, and say who pays where the call does not."""
        tenant, customer = self._word(event.tenant_id), self._word(event.customer_id)
        if tenant is None:
            return _reason("tenantId", event.tenant_id)
        if customer is None:
            return _reason("customerId", event.customer_id)
        at = event.timestamp
        if tenant and not customer and isinstance(at, int):
            customer = self.identities.customer_of(tenant, at)
        event.tenant_id, event.customer_id = tenant, self.identities.customer_named(customer)
        if event.service_account:
            account = self.identities.accounts.get(event.service_account)
            if account is not None:
                event.customer_id = event.customer_id or account.customer
                event.team = event.team or account.team
        return ""

    def _word(self, said: str) -> str | None:
        """Give a name in normal form; an address as its hash, None when it is refused."""
        if not said:
            return ""
        found = self._words.young.get(said)
        if found is not None:
            return found
        if looks_like_email(said):
            if not self.identities.hash_emails:
                return None
            found = MARK + hashed(self.identities.pepper, "id", said)
        else:
            found = normal(said)
            if CONTROL.search(found):
                return None
        return self._words.put(said, found)

    def _read(self, event: Told) -> str:
        """Look at the words that name no person, and hide what might."""
        people_read = (event.endpoint_tag, event.prompt_version, event.team, event.outcome)
        named = [
            ("provider", event.provider),
            ("model", event.model),
            ("environment", event.environment),
        ]
        for line in event.lines:
            named += (("lines.model", line.model), ("lines.part", line.part))
        for name, word in named:
            if looks_like_email(word) or CONTROL.search(word):
                return _reason(name, word, fix=ITS_NAME)
        for name, word in zip(PEOPLE_READ, people_read, strict=True):
            if self._is_refused(word) or CONTROL.search(word):
                return _reason(name, word)
        event.endpoint_tag, event.prompt_version, event.team, event.outcome = map(
            self._hidden, people_read
        )
        return ""

    def _hide(self, event: Told) -> None:
        """Hash addresses in ids that only tie calls together."""
        event.session_id = self._hidden(event.session_id)
        event.operation_id = self._hidden(event.operation_id)
        event.external_request_id = self._hidden(event.external_request_id)

    def _hidden(self, said: str) -> str:
        if not looks_like_email(said):
            return said
        return MARK + hashed(self.identities.pepper, "id", said)

    def _is_refused(self, said: str) -> bool:
        return not self.identities.hash_emails and looks_like_email(said)


def _are_plain(events: Sequence[Told]) -> bool:
    """Say whether no id that ties calls together can hold an address: looked for in all at once."""
    ids = [
        *[event.external_request_id for event in events],
        *[event.session_id for event in events],
        *[event.operation_id for event in events],
    ]
    return _is_plain(ids)


def _is_plain(ids: Iterable[str]) -> bool:
    text = " ".join(ids)
    return text.isascii() and "@" not in text and "%40" not in text


def _runs(event: Told, account: Account) -> None:
    """Make a call that of a service account, whose name is no secret."""
    event.service_account = account.name
    event.user_id = event.anon_id = event.ip_hash = ""


def _reason(name: str, said: str, *, fix: str = FIX) -> str:
    """Say why a word is refused, without the word."""
    if looks_like_email(said):
        return f"{name} looks like an e-mail address: {fix}"
    return f"{name} holds a control character: send it without"
