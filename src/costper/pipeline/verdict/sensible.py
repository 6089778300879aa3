"""Which metrics a total cost is sensibly divided by, and over which days each is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from costper.config.settings import MetricSetting, Settings
from costper.economics.calendar import ONE_DAY, bucket_of
from costper.economics.formula.grammar import is_name
from costper.model.call import CALLS
from costper.model.question import Formula, Grain, Letter, Question
from costper.pipeline.answer.frame import Readable
from costper.pipeline.query.facts import Facts
from costper.pipeline.query.resolve import RESERVED
from costper.pipeline.verdict.pairs import COST, RESULT, UNITS, are_whole, last_settled

KINDS = ("active_users", "count")
WORDS = ("dollar", "euro", "pound", "franc", "yen", "cent")
CODES = ("usd", "eur", "gbp", "chf", "jpy", "cad", "aud")
MONEY = frozenset((*WORDS, *CODES, "$", "€", "£", "¥"))
"""Units that are money, in lower case; the home currency is one more, and an s may follow."""

TAKEN = frozenset((*RESERVED, "cost", RESULT, COST, UNITS))
"""What a metric may be called that its letter cannot."""


def sensible(settings: Settings, facts: Facts) -> Iterator[MetricSetting]:
    """Give the metrics with data that count something or somebody the company serves.

    Money is no unit, and the company's own calls of language models are what it spends, not what
    it does for anybody: more of them would look like success.
    """
    money = MONEY | {settings.currency.casefold()}
    for metric in settings.metrics:
        unit = metric.unit.casefold()
        is_ours = metric.source == CALLS or unit in money or unit.removesuffix("s") in money
        if metric.kind in KINDS and metric.name in facts.metrics and not is_ours:
            yield metric


def question_about(
    metric: MetricSetting, question: Question, books: Readable, facts: Facts, now: datetime
) -> Question:
    """Ask for the total cost per one of a metric, each by its own name where formulas can."""
    name = metric.name if is_name(metric.name) and metric.name not in TAKEN else "units"
    if metric.grain != "day":
        question = _in_whole_ones(metric.grain, question, last_settled(books, facts, now))
    return replace(
        question,
        letters=(
            Letter(name="cost", kind="cost"),
            Letter(name=name, kind="metric", of=metric.name),
        ),
        formulas=(Formula(name=RESULT, text=f"cost / {name}"),),
    )


def _in_whole_ones(grain: Grain, question: Question, last: date) -> Question:
    """Ask about whole weeks or months: those said, else the last one that ends within the days.

    The weekdays of a month are never those of another, so months meet the months before.
    """
    if grain == "month" and question.compare == "weekday":
        question = replace(question, compare="previous")
    if are_whole(question, grain):
        return question
    until = question.until
    end = bucket_of(last + ONE_DAY if until is None else min(until, last + ONE_DAY), grain).start
    start = bucket_of(end - ONE_DAY, grain).start
    return replace(question, since=start, until=end, days=None, span=None)
