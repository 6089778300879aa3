"""Tells a misspelt field of ours from a field of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from costper.events.batch import Remark

LONGEST_NAME = 64
SHORTEST_MISSPELT = 6
"""Letters of a name that is known again with one letter wrong; shorter ones are other words."""

MOST_AN_EVENT = 20
"""Unknown fields of one event that are told apart; the others are counted in one warning."""

MOST_NAMED = 50
"""Unknown fields of one body that are told apart."""

MOST_SEARCHED = 1_000
"""Names of one body that are held against ours, letter by letter."""

MEANT = {
    "feature": "endpointTag",
    "endpoint": "endpointTag",
    "requestid": "externalRequestId",
    "id": "externalRequestId",
    "prompttokens": "inputTokens",
    "completiontokens": "outputTokens",
    "cachedtokens": "cacheReadTokens",
    "cachecreationtokens": "cacheWriteTokens",
    "customer": "customerId",
    "tenant": "tenantId",
    "user": "userId",
    "latency": "latencyMs",
    "cost": "providerCost",
    "tier": "serviceTier",
}
"""What others call our fields: taken for unknown they would be lost without a word."""

OTHERS = frozenset(
    (
        *(f"{of}{what}" for of in ("user", "anon", "tenant", "customer", "session", "operation")
          for what in ("ip", "uid", "pid", "sid")),
        "datamodel", "datanode", "estimate", "estimates", "latencyns", "latencys", "latencyus",
        "provide", "provided", "stats",
    )
)  # fmt: skip
"""Fields of others that are one letter from one of ours."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields an object has: by their snake_case, as they are, and by their letters alone."""

    kind: str
    snake: Mapping[str, str]
    camel: frozenset[str]
    letters: Mapping[str, str]

    def meant(self, said: str, *, near: bool) -> str:
        """Give the field a name is meant for, '' for none; `near` allows one wrong letter.

        >>> event = fields_of("event", {"input_tokens": "inputTokens", "anon_id": "anonId"})
        >>> event.meant("Input-Tokens", near=False), event.meant("inputTokenz", near=True)
        ('inputTokens', 'inputTokens')
        >>> event.meant("spanId", near=True), event.meant("anonIp", near=True)
        ('', '')
        """
        if len(said) > LONGEST_NAME:
            return ""
        word = letters(said)
        same = self.letters.get(word, "")
        if same or not near or word in OTHERS:
            return same
        for known, name in self.letters.items():
            if known in MEANT or len(known) < SHORTEST_MISSPELT:
                continue
            if misspelt(word, known):
                return name
        return ""


def fields_of(kind: str, snake: Mapping[str, str]) -> Fields:
    """Make the fields of one kind of object of its names in snake_case and as they are sent."""
    camel = frozenset(snake.values())
    others = {said: name for said, name in MEANT.items() if name in camel}
    return Fields(kind, snake, camel, others | {letters(name): name for name in camel})


def letters(name: str) -> str:
    """Give a name without case, underscores and hyphens."""
    return name.replace("_", "").replace("-", "").lower()


def misspelt(said: str, known: str) -> bool:
    """Say whether a word is a known one but for one letter: missing, added, wrong, or swapped.

    A number in another place names another thing, and so does a word in the plural.

    >>> misspelt("inputtoken", "inputtokens"), misspelt("uesrid", "userid")
    (True, True)
    >>> misspelt("responses", "response"), misspelt("userid2", "userid")
    (False, False)
    """
    if abs(len(said) - len(known)) > 1 or said == f"{known}s":
        return False
    least = min(len(said), len(known))
    head = next((at for at in range(least) if said[at] != known[at]), least)
    left, right = said[head:], known[head:]
    least = min(len(left), len(right))
    tail = next((at for at in range(least) if left[-1 - at] != right[-1 - at]), least)
    left, right = left[: len(left) - tail], right[: len(right) - tail]
    if any(letter.isdigit() for letter in left + right):
        return False
    return len(left) <= 1 >= len(right) or (len(left) == len("ab") and left == right[::-1])


@dataclass(slots=True)
class Strangers:
    """The unknown fields of one body, however many there are."""

    warn: Callable[[Remark], None]
    known: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    named: set[str] = field(default_factory=set[str])
    index: int = -1
    here: int = 0
    more: bool = False

    def met(self, said: str, fields: Fields, index: int) -> Remark | None:
        """Say why an event is refused for a field, whose number would be lost; flag any other."""
        if index != self.index:
            self.index, self.here, self.more = index, 0, False
        self.here += 1
        meant = self._meant(said, fields)
        few = self.here <= MOST_AN_EVENT
        if meant or (few and (said in self.named or len(self.named) < MOST_NAMED)):
            return self._tell(said, meant)
        if not self.more:
            self.more = True
            reason = "more unknown fields, which are not kept either"
            self.warn(Remark(index=index, code="unknown_field", reason=reason))
        return None

    def _meant(self, said: str, fields: Fields) -> str:
        found = self.known.get((fields.kind, said))
        if found is None:
            near = self.here <= MOST_AN_EVENT and len(self.known) < MOST_SEARCHED
            found = fields.meant(said, near=near)
            if near:
                self.known[fields.kind, said] = found
        return found

    def _tell(self, said: str, meant: str) -> Remark | None:
        name = said[:LONGEST_NAME].encode("ascii", "backslashreplace").decode()
        code, reason = "unknown_field", f"unknown field {name!r}"
        if meant:
            hint = f"did you mean {meant!r}?"
            return Remark(index=self.index, code=code, reason=reason, hint=hint, field=name)
        self.named.add(said)
        self.warn(
            Remark(index=self.index, code=code, reason=f"{reason}; it is not kept", field=name)
        )
        return None
