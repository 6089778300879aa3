"""The language of `--what-if`: changes of a price or of a limit, with positions in errors.

price +10%
plan pro price 99 per seat
plan "pro plus" price -5%
limit requests 100000 per month
plan free limit requests 1000 per month at 0.002
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from costper.errors import UserError

LIMIT_CHARACTERS = 500
MOST = 10
"""Changes in one question."""

DIGITS = 15
EVERYTHING_OFF = Decimal(-100)
SHAPES = "such as 'price +10%', 'plan pro price 99' or 'limit requests 100000 per month'"
PLAIN = re.compile(r"[A-Za-z_][\w-]*")
TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<sign>[;%])"""
    r"""|(?P<number>[+-]?[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.]))|(?P<word>[^\s;%"']+))"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A price that moves by `percent`, or is `amount` a month, times seats when `per_seat`.

    `plan` '' is every plan. An amount is in the currency of the books.
    """

    plan: str = ""
    percent: Decimal | None = None
    amount: Decimal | None = None
    per_seat: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A calendar month holds `allowed` of a metric; more is refused, or sold for `price` each."""

    metric: str
    allowed: Decimal
    plan: str = ""
    price: Decimal | None = None


Change = Price | Limit


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


@dataclass(slots=True)
class _Reader:
    tokens: list[_Token]
    at: int = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def took(self, *words: str) -> bool:
        """Take the words, all or none of them."""
        ahead = self.tokens[self.at : self.at + len(words)]
        if [token.text.lower() for token in ahead if token.kind in {"word", "sign"}] != [*words]:
            return False
        self.at += len(words)
        return True

    def name(self, what: str) -> str:
        """Take a name: a word, or anything in quotes."""
        token = self.next
        if token.kind not in {"word", "quoted", "number"} or not token.text:
            raise _fault(token, f"expected {what}")
        self.at += 1
        return token.text

    def number(self, what: str) -> tuple[Decimal, bool]:
        """Take a number, and whether it was written with a sign."""
        token = self.next
        if token.kind != "number":
            raise _fault(token, f"expected {what}")
        self.at += 1
        try:
            found = Decimal(token.text.replace("_", ""))
        except InvalidOperation as error:
            raise _fault(token, f"{token.text!r} is not a number") from error
        if len(token.text.lstrip("+-")) > DIGITS:
            raise _fault(token, f"a number has at most {DIGITS} digits")
        return found, token.text[0] in "+-"


def parse_changes(text: str) -> tuple[Change, ...]:
    """Read changes joined by `;`, in order; a UserError says at which column it goes wrong.

    >>> parse_changes("price +10%")
    (Price(plan='', percent=Decimal('10'), amount=None, per_seat=False),)
    >>> parse_changes("plan free limit requests 1_000 per month at 0.002")[0].price
    Decimal('0.002')
    """
    if len(text) > LIMIT_CHARACTERS:
        raise UserError(f"changes have at most {LIMIT_CHARACTERS} characters", where="what-if")
    reader = _Reader(_tokens(text))
    found = [_change(reader)]
    while reader.took(";"):
        found.append(_change(reader))
    if reader.next.kind != "end":
        raise _fault(reader.next, "expected ';' or the end")
    if len(found) > MOST:
        raise UserError(f"at most {MOST} changes at a time", where="what-if")
    return tuple(found)


def written(change: Change) -> str:
    """Write a change as people would.

    >>> written(parse_changes("PLAN pro  price +10 %")[0])
    'plan pro price +10%'
    """
    head = f"plan {_quoted(change.plan)} " if change.plan else ""
    if isinstance(change, Limit):
        at = "" if change.price is None else f" at {change.price}"
        return f"{head}limit {_quoted(change.metric)} {change.allowed} per month{at}"
    if change.percent is not None:
        return f"{head}price {change.percent:+f}%"
    return f"{head}price {change.amount}{' per seat' if change.per_seat else ''}"


def _quoted(name: str) -> str:
    mark = "'" if '"' in name else '"'
    return name if PLAIN.fullmatch(name) else f"{mark}{name}{mark}"


def _change(reader: _Reader) -> Change:
    plan = reader.name("the name of a plan") if reader.took("plan") else ""
    kinds: tuple[tuple[str, Callable[[_Reader, str], Change]], ...] = (
        ("price", _price),
        ("limit", _limit),
    )
    for word, read in kinds:
        if reader.took(word):
            return read(reader, plan)
    raise _fault(reader.next, f"expected {'price or limit' if plan else 'plan, price or limit'}")


def _price(reader: _Reader, plan: str) -> Price:
    start = reader.next
    number, signed = reader.number("an amount such as 99, or a change such as +10%")
    if reader.took("%"):
        if not signed:
            raise _fault(start, "say which way the price goes", f"+{start.text}% or -{start.text}%")
        if number < EVERYTHING_OFF:
            raise _fault(start, "a price cannot fall by more than 100 %")
        return Price(plan=plan, percent=number)
    if signed:
        raise _fault(start, "a price is an amount such as 99, or a change such as +10%")
    return Price(plan=plan, amount=number, per_seat=reader.took("per", "seat"))


def _limit(reader: _Reader, plan: str) -> Limit:
    metric = reader.name("the name of a metric")
    allowed = _amount(reader, "how many are allowed in a month")
    reader.took("per", "month")
    price = _amount(reader, "the price of one more") if reader.took("at") else None
    return Limit(metric=metric, allowed=allowed, plan=plan, price=price)


def _amount(reader: _Reader, what: str) -> Decimal:
    start = reader.next
    number, signed = reader.number(what)
    if signed:
        raise _fault(start, f"expected {what}, without a sign")
    return number


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    at = 0
    end = len(text.rstrip())
    while at < end:
        match = TOKEN.match(text, at)
        if match is None:
            rest = text[at:].lstrip()
            raise _fault(_Token("end", "", len(text) - len(rest)), "a quote is not closed")
        kind = str(match.lastgroup)
        body = match.group(kind)
        plain = body[1:-1] if kind == "quoted" else body
        found.append(_Token(kind, plain, match.start(kind)))
        at = match.end()
    return [*found, _Token("end", "", end)]


def _fault(token: _Token, message: str, hint: str = SHAPES) -> UserError:
    met = f", not {token.text!r}" if token.text and "expected" in message else ""
    return UserError(f"{message}{met}", where=f"what-if, column {token.at + 1}", hint=hint)
