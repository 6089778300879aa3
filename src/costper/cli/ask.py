"""Ask any metrics, costs and revenue by letter, and what their formulas come to.

A letter is `metric NAME`, `cost`, `cost COLUMN` or `revenue`, with `where CONDITION` and
`as average|sum|last|max|min` after it. Without a formula every letter is an answer of its own.
A formula may have a name (`per_user = b / a`), and later ones may use it.

Examples:
  costper ask 'b / (a / 1000)' --a 'metric daily_active_users' --b cost --grain month
  costper ask 'b / a' --a 'metric orders where plan = pro' --b 'cost where team = x' --by region
  costper ask --a 'cost where environment = production' --grain week --compare previous
  costper ask 'b / r' --b cost --letter 'r=revenue' --by plan --from 2026-08 --to 2026-09 --json
  costper ask --view cost_per_user --range 'last 3 months'
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from string import ascii_lowercase
from typing import TYPE_CHECKING

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.options import (
    Form,
    form_of,
    range_argument,
    reading_arguments,
    window_arguments,
)
from costper.cli.options import asked as asked_days
from costper.errors import UserError
from costper.model.answer import Answer, Cell, Row
from costper.model.question import COMPARES, GRAINS, SCALES, Letter, Question
from costper.model.span import read_span

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.query.asked import Asked

DIGITS = Decimal("0.0001")
"""To how many digits a table shows what is no money."""

NOTHING = Question(letters=())


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a question or the name of a saved one, and the days."""
    question_arguments(parser)
    parser.add_argument("--view", metavar="NAME", default="", help="ask a saved view instead")
    parser.add_argument(
        "--unusual", action="store_true", help="only the days that are not as the days before"
    )
    reading_arguments(parser)


def question_arguments(parser: argparse.ArgumentParser) -> None:
    """Accept letters, formulas, a grain, groups, a comparison, a unit, and the days."""
    parser.add_argument("formulas", nargs="*", metavar="FORMULA", help="such as 'b / (a / 1000)'")
    letters = parser.add_argument_group(
        "letters", "--a to --z, or --letter with a word: --letter 'users=metric active_users'"
    )
    for name in ascii_lowercase:
        told = f"what {name} stands for" if name in "ab" else argparse.SUPPRESS
        letters.add_argument(f"--{name}", dest=f"letter_{name}", metavar="LETTER", help=told)
    letters.add_argument(
        "--letter", action="append", default=[], metavar="NAME=LETTER", help="a letter by a word"
    )
    parser.add_argument("--by", metavar="DIM[,DIM]", default="", help="one row a group")
    grains, compares = (tuple(one for one in known if one) for known in (GRAINS, COMPARES))
    parser.add_argument("--grain", default="", choices=grains, help="one row a day, week …")
    parser.add_argument(
        "--compare", default="", choices=compares, help="beside it, a period before"
    )
    parser.add_argument("--unit", default="", help="what one of the divisor is called in labels")
    parser.add_argument(
        "--scale", type=int, default=1, choices=SCALES, help="per how many: 1000 for per 1k"
    )
    window_arguments(parser)
    range_argument(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.query.answer import answer_of
    from costper.pipeline.query.ask import ask

    question = question_of(args)
    if args.view:
        if replace(question, since=None, until=None, days=None, span=None) != NOTHING:
            hint = "only the days of a view can be others: --from, --to, --days, --range"
            raise UserError("--view says the question already", where="--view", hint=hint)
        if args.unusual:
            return _unusual(args, question, context)
        return run_view(args, args.view, question, context)
    if args.unusual:
        return _unusual(args, question, context)
    with opened(context) as books:
        found = ask(books, question, now=context.now, standing=standing(books))
        answer = answer_of(found)
    return tell(answer, found, form_of(args), context)


def _unusual(args: argparse.Namespace, question: Question, context: Context) -> int:
    """Tell the unusual days of a question or a saved one, instead of what it comes to."""
    from costper.cli.render import show
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.query.unusual import unusual_answer
    from costper.pipeline.views.answers import view_asked

    with opened(context) as books:
        stands, now = standing(books), context.now
        if args.view:
            _, found = view_asked(books, args.view, question, now=now, standing=stands)
            question = found.question
        answer = unusual_answer(books, question, now=now, standing=stands)
    if form_of(args) == "table":
        answer = replace(answer, question={"noun": "unusual days"})
    show(answer, form_of(args), context)
    return 0


def run_view(args: argparse.Namespace, name: str, days: Question, context: Context) -> int:
    """Answer a saved question, on its own days or those of `days`."""
    from costper.pipeline.answer.standing import standing
    from costper.pipeline.views.answers import answered, view_asked

    with opened(context) as books:
        stands = standing(books)
        view, found = view_asked(books, name, days, now=context.now, standing=stands)
        answer = answered(view, found)
    return tell(answer, found, form_of(args), context)


def tell(answer: Answer, found: Asked, form: Form, context: Context) -> int:
    """Print what a question comes to; people see what its columns are first."""
    from costper.cli.render import show

    if form == "table":
        for line in legend(found):
            context.say(line)
        answer = for_people(answer, found)
    show(answer, form, context)
    return 0


def question_of(args: argparse.Namespace) -> Question:
    """Give what the options ask."""
    from costper.pipeline.query.written import read_formula

    window = asked_days(args)
    return Question(
        letters=tuple(_letters(args)),
        formulas=tuple(read_formula(text, place) for place, text in enumerate(args.formulas)),
        grain=args.grain,
        by=tuple(name.strip() for name in str(args.by).split(",") if name.strip()),
        compare=args.compare,
        since=window.start,
        until=window.end,
        days=window.days,
        span=read_span(args.range, where="--range") if args.range else None,
        unit=args.unit,
        scale=args.scale,
    )


def _letters(args: argparse.Namespace) -> Iterator[Letter]:
    from costper.pipeline.query.letters import read_letter

    for name in ascii_lowercase:
        text: str | None = getattr(args, f"letter_{name}")
        if text is not None:
            yield read_letter(name, text)
    words: list[str] = args.letter
    for said in words:
        name, equals, text = said.partition("=")
        if not equals:
            hint = "write it like: --letter 'users=metric active_users'"
            raise UserError(f"{said!r} names no letter", where="--letter", hint=hint)
        yield read_letter(name.strip(), text)


def legend(found: Asked) -> Iterator[str]:
    """Say what every column is, in one line each, with its course where there are buckets."""
    from costper.economics.sparkline import sparkline
    from costper.pipeline.query.letters import letter_text

    texts = {one.name: letter_text(one) for one in found.question.letters}
    texts |= {one.name: one.text for one in found.question.formulas}
    infos = {**found.letters, **found.formulas}
    width = max(map(len, infos))
    for name, info in infos.items():
        line = f"{name.ljust(width)}  {info.label}  ({texts[name]})"
        if found.question.grain:
            course = [found.value(name, bucket=at) for at in range(len(found.buckets))]
            numbers = [one if isinstance(one, Decimal) else None for one in course]
            line = f"{line}  {sparkline(numbers)}"
        yield line.rstrip()


def for_people(answer: Answer, found: Asked) -> Answer:
    """Leave out what a table need not say, and round what is no money."""
    question: dict[str, Cell] = {"noun": "ask"}
    for name in ("view", "title", "by", "grain", "unit"):
        question[name] = answer.question.get(name)
    if found.compared is not None:
        question["compared with"] = f"{found.compared.start} to {found.compared.end}"
    question |= {"from": found.period.start, "to": found.period.end, "days": found.period.days}
    silent = {"estimated"} if not answer.estimated else set[str]()
    silent |= {"status"} if all(one == "matched" for one in found.statuses.values()) else set()
    silent |= {"partial"} if not any(row.get("partial") for row in answer.rows) else set()
    silent |= {"filled"} if not any(row.get("filled") for row in answer.rows) else set()
    rows = tuple(_short(row, answer, silent) for row in answer.rows)
    return replace(answer, question=question, rows=rows, total=_short(answer.total, answer, silent))


def _short(row: Row, answer: Answer, silent: set[str]) -> Row:
    numbers = {name for name, measure in answer.measures.items() if measure == "number"}
    return {
        name: cell.quantize(DIGITS).normalize()
        if name in numbers and isinstance(cell, Decimal) and cell.adjusted() < 20  # noqa: PLR2004
        else cell
        for name, cell in row.items()
        if name not in silent
    }
