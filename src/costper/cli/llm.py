"""What does AI cost per active user, what drives it, and is anything out of the ordinary?

`active` divides by the active users of each month, week or day; `cohorts` parts people by habit.
`daily` parts each day by feature, prompt version, model or whose the calls are.
`drift` dates the days the cost of a call stepped; `spikes` finds dear hours and who was in them;
`bursts` users far busier than usual, `rates` how busy everybody is. `retries`, `outcomes`, `cache`,
`segments` (who pays) and `modes` (real against test) say what the cost is made of. `savings` is
what the same calls would have cost otherwise, `limits` whom a limit on spending had touched.

Examples:
  costper llm active --grain week --feature search
  costper llm drift --days 60
  costper llm bursts --tenant acme-eu
  costper llm retries --of model
  costper llm savings --batch summariser --route plan=starter
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from costper.cli.answering import answer_books
from costper.cli.context import Context
from costper.cli.llm_instead import INSTEAD
from costper.cli.llm_options import calls_arguments, chosen, noted
from costper.cli.options import amount
from costper.model.answer import Answer

if TYPE_CHECKING:  # the engines are slow to import, and --help must be quick
    from costper.pipeline.answer.frame import Frame
    from costper.pipeline.llm.chosen import Chosen
    from costper.store.books import Books

GRAINS = ("month", "week", "day")
NOUNS = ("feature", "model", "provider", "tenant", "customer", "team")
PARTS = (*NOUNS, "prompt_version")
TOP = 25
Parser = argparse.ArgumentParser
Asking = Callable[["Books", "Frame", "Chosen", argparse.Namespace], Answer]


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what it is for, what else it takes, and how it is asked."""

    help: str
    takes: Callable[[Parser], object]
    ask: Asking


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the question, then which calls and the days."""
    questions = parser.add_subparsers(metavar="QUESTION", dest="question", required=True)
    for name, question in QUESTIONS.items():
        one = questions.add_parser(name, help=question.help, description=question.help)
        question.takes(one)
        calls_arguments(one)
    for name, instead in INSTEAD.items():
        instead.takes(questions.add_parser(name, help=instead.help, description=instead.help))


def run(args: argparse.Namespace, context: Context) -> int:
    """Answer."""
    if args.question in INSTEAD:
        return INSTEAD[args.question].run(args, context)
    question, calls = QUESTIONS[args.question], chosen(args)
    return answer_books(
        args,
        context,
        lambda books, frame: question.ask(books, frame, calls, args),
        summary=noted,
    )


def _nothing(_parser: Parser) -> None:
    return None


def _grain(parser: Parser) -> None:
    parser.add_argument("--grain", choices=GRAINS, default="month", help="one row of what")
    parser.add_argument("--per", metavar="METRIC", default="", help="a metric of active users")


def _of(parser: Parser) -> None:
    parser.add_argument("--of", choices=NOUNS, default="feature", help="one row of what")


def _part(parser: Parser) -> None:
    parser.add_argument("--of", choices=PARTS, default="feature", help="what a day is parted by")


def _least(parser: Parser) -> None:
    parser.add_argument(
        "--min", metavar="AMOUNT", type=amount, default=Decimal(1), help="the least excess, else 1"
    )


def _top(parser: Parser) -> None:
    parser.add_argument("--top", metavar="N", type=int, default=TOP, help="how many are listed")


def _active(_books: Books, frame: Frame, calls: Chosen, args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.active import active

    return active(frame, calls, grain=args.grain, per=args.per)


def _daily(_books: Books, frame: Frame, calls: Chosen, args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.daily import daily

    return daily(frame, calls, of=args.of)


def _cohorts(_books: Books, frame: Frame, calls: Chosen, _args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.cohorts import cohorts

    return cohorts(frame, calls)


def _drift(_books: Books, frame: Frame, calls: Chosen, args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.drift import drift

    return drift(frame, calls, of=args.of)


def _spikes(_books: Books, frame: Frame, calls: Chosen, args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.spikes import spikes

    return spikes(frame, calls, minimum=args.min)


def _bursts(_books: Books, frame: Frame, calls: Chosen, _args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.bursts import bursts

    return bursts(frame, calls)


def _rates(_books: Books, frame: Frame, calls: Chosen, args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.rates import rates

    return rates(frame, calls, top=args.top)


def _retries(_books: Books, frame: Frame, calls: Chosen, args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.retries import retries

    return retries(frame, calls, of=args.of)


def _outcomes(_books: Books, frame: Frame, calls: Chosen, _args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.outcomes import outcomes

    return outcomes(frame, calls)


def _cache(books: Books, frame: Frame, calls: Chosen, _args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.cache import cache

    return cache(books, frame, calls)


def _segments(_books: Books, frame: Frame, calls: Chosen, _args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.segments import segments

    return segments(frame, calls)


def _modes(_books: Books, frame: Frame, calls: Chosen, _args: argparse.Namespace) -> Answer:
    from costper.pipeline.llm.modes import modes

    return modes(frame, calls)


QUESTIONS = {
    "active": Question("cost per active user, and its share of ARPU", _grain, _active),
    "daily": Question("what calls cost day by day, by feature or another", _part, _daily),
    "cohorts": Question("cost of daily, weekly and occasional users", _nothing, _cohorts),
    "drift": Question("days from which a call cost more or less", _of, _drift),
    "spikes": Question("hours that cost far more than usual, and who called", _least, _spikes),
    "bursts": Question("users far busier than usual, or over a limit", _nothing, _bursts),
    "rates": Question("requests and tokens an hour of each user", _top, _rates),
    "retries": Question("attempts of one operation, failures and their cost", _of, _retries),
    "outcomes": Question("cost per outcome of each feature", _nothing, _outcomes),
    "cache": Question("what caches served of each model, and saved", _nothing, _cache),
    "segments": Question("paying, free, internal and unknown use", _nothing, _segments),
    "modes": Question("real calls beside test and demo ones", _nothing, _modes),
}
