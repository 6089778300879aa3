"""The grammar of formulas, from text to lark's tree or to the column where it breaks."""

from __future__ import annotations

import re
from functools import cache
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from costper.economics.formula.functions import FUNCTIONS, UNITS, is_reserved
from costper.errors import FormulaError

LONGEST = 500
"""Characters of a formula."""

DEEPEST = 20
"""Brackets, functions, minus signs and `not` inside one another."""

NAME = r"[^\W\d]\w*"

GRAMMAR = rf"""
?start: either
?either: both (OR both)*
?both: negation (AND negation)*
?negation: NOT negation -> opposite
         | comparison
?comparison: sum (COMPARISON sum)*
?sum: product (SIGN product)*
?product: unary (TIMES unary)*
?unary: SIGN unary -> minus
      | atom
atom: NUMBER -> number
    | NAME -> name
    | NAME "(" [argument ("," argument)*] ")" -> call
    | "(" either ")" -> group
?argument: either
         | NUMBER NAME -> span

OR.2: /or\b/i
AND.2: /and\b/i
NOT.2: /not\b/i
COMPARISON: "<=" | ">=" | "==" | "!=" | "<" | ">" | "="
SIGN: "+" | "-"
TIMES: "*" | "/"
NUMBER: /(?:[0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/
NAME: /{NAME}/

%import common.WS
%ignore WS
"""

SIGNS = {
    "\N{MULTIPLICATION SIGN}": "write * to multiply",
    "·": "write * to multiply",
    "÷": "write / to divide",
    ":": "write / to divide",
    "\N{MINUS SIGN}": "write - with the key on the keyboard",
    "\N{EN DASH}": "write - with the key on the keyboard",
    "^": "there are no powers; write a * a",
    "%": "a per cent is written 0.05, or (a / b) * 100",
    "$": "an amount is written without its currency",
    "[": "write ( and )",
    "{": "write ( and )",
    "'": "names and units stand without quotes",
    '"': "names and units stand without quotes",
    "&": "write and",
    "|": "write or",
    "!": "write not, or != for different",
    "≤": "write <=",
    "≥": "write >=",
    "≠": "write !=",
}
"""What people write out of habit, and what to write here."""

EXPECTED = "write it like: b / (a / 1000)"


@cache
def parser() -> Lark:
    """Build the parser, once, when the first formula is read (about 20 ms)."""
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)


def is_name(text: str) -> bool:
    """Say whether a letter or formula may be called this.

    >>> is_name("cost_per_user"), is_name("a-b"), is_name("Max")
    (True, False, False)
    """
    return re.fullmatch(NAME, text) is not None and not is_reserved(text)


def read(text: str, field: str) -> Tree[Token]:
    """Give the tree of a formula; a FormulaError says at which column it stops making sense."""
    if len(text) > LONGEST:
        message = f"a formula has at most {LONGEST} characters, this one {len(text)}"
        raise FormulaError(message, LONGEST + 1, field=field, hint="name parts of it as formulas")
    if not text.strip():
        raise FormulaError("a formula is missing", 1, field=field, hint=EXPECTED)
    _check_brackets(text, field)
    try:
        return parser().parse(text)
    except UnexpectedInput as fault:
        raise _positioned(fault, text, field) from None


def _check_brackets(text: str, field: str) -> None:
    open_at: list[int] = []
    for column, sign in enumerate(text, 1):
        if sign == "(":
            open_at.append(column)
            if len(open_at) > DEEPEST:
                raise too_deep(column, field)
        elif sign == ")" and open_at:
            open_at.pop()
        elif sign == ")":
            hint = "take it away, or open it before"
            raise FormulaError(
                "a bracket is closed but never opened", column, field=field, hint=hint
            )
    if open_at:
        hint = "close it with )"
        raise FormulaError("a bracket is never closed", open_at[-1], field=field, hint=hint)


def too_deep(column: int, field: str) -> FormulaError:
    """Say that a formula nests too deeply, and where."""
    hint = "name the inner part as a formula of its own"
    return FormulaError(f"formulas nest at most {DEEPEST} deep", column, field=field, hint=hint)


def _positioned(fault: UnexpectedInput, text: str, field: str) -> FormulaError:
    at = _position(fault)
    if at is None:
        column = len(text.rstrip()) + 1
        return FormulaError("the formula ends too early", column, field=field, hint=EXPECTED)
    if isinstance(fault, UnexpectedToken):
        found = cast("Token", fault.token)
        message = _surprise(text[:at], found)
        return FormulaError(message, at + 1, field=field, hint=_advice(text[:at], found))
    hint = SIGNS.get(text[at], EXPECTED)
    return FormulaError(f"{text[at]!r} cannot be read", at + 1, field=field, hint=hint)


def _position(fault: UnexpectedInput) -> int | None:
    """Give where reading stopped, from 0; None at the end of the text."""
    if isinstance(fault, UnexpectedCharacters):
        return cast("int", fault.pos_in_stream)
    if isinstance(fault, UnexpectedToken):
        found = cast("Token", fault.token)
        return None if found.type == "$END" else found.start_pos
    return None


def _surprise(before: str, token: Token) -> str:
    last = before.rstrip()[-1:]
    if token in {"+", "-", "*", "/", ")", ","} or token.type == "COMPARISON":
        return f"a value is missing before {str(token)!r}"
    if last:
        return f"an operator is missing between {last!r} and {str(token)!r}"
    return f"{str(token)!r} cannot be first"


def _advice(before: str, token: Token) -> str:
    if token.upper().removesuffix("S") in UNITS:
        return f"a span of time counts back by itself: {FUNCTIONS['timeShift']}"
    word = re.search(rf"({NAME})\s*$", before)
    written = FUNCTIONS.get(word[1]) if word else None
    return f"write it like: {written}" if written else EXPECTED
