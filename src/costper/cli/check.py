"""Check the settings, and the books where there are any: conservation, freshness, coverage.

A path at which a sync would find no file is a warning. Every fault is told at once, with its
file and line and what to do. Exit 0: all is well; 1: something is wrong.

Examples:
  costper check
  costper check --json
  costper --config other/costper.yaml check
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Sequence

from costper.cli.context import Context
from costper.cli.settings import settings_or_issues
from costper.config.settings import Settings
from costper.model.envelope import issue_json
from costper.model.outcome import Issue


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept --json."""
    parser.add_argument("--json", action="store_true", help="print the issues as JSON")


def run(args: argparse.Namespace, context: Context) -> int:
    """Check, and give 1 when anything is an error."""
    outcome = settings_or_issues(context)
    issues = list(outcome.issues)
    for settings in outcome.items:
        issues += _view_issues(settings, context)
        issues += _source_issues(settings, context)
        issues += _book_issues(settings, context)
    if args.json:
        json.dump([issue_json(it) for it in issues], context.stdout, indent=2, ensure_ascii=False)
        context.say()
    else:
        print_issues(issues, outcome.items, context)
    return int(any(issue.severity == "error" for issue in issues))


def _view_issues(settings: Settings, context: Context) -> Iterable[Issue]:
    if not settings.views:
        return ()
    from costper.pipeline.views.declared import view_issues

    return view_issues(settings, context.now)


def _source_issues(settings: Settings, context: Context) -> Iterable[Issue]:
    from costper.pipeline.check_calls import check_people
    from costper.pipeline.check_sources import check_sources

    return (
        *check_sources(settings, context.now),
        *check_people(settings),
        *_price_issues(settings),
    )


def _price_issues(settings: Settings) -> Iterable[Issue]:
    if not settings.llm.prices:
        return ()
    from costper.pipeline.calls.price_book import price_issues

    return price_issues(settings)


def _book_issues(settings: Settings, context: Context) -> Sequence[Issue]:
    from costper.pipeline.check import check_books
    from costper.pipeline.check_calls import check_calls
    from costper.store.books import books_exist, open_books

    if not books_exist(settings):
        return ()

    books = open_books(settings, now=context.now)
    try:
        return (*check_books(books, context.now), *check_calls(books, context.environment))
    finally:
        books.close()


def print_issues(issues: Sequence[Issue], read: Sequence[Settings], context: Context) -> None:
    """Print each issue, how many there are of each severity, and what was checked."""
    for issue in issues:
        sign = "" if issue.severity == "error" else f"{issue.severity}: "
        context.say(f"{sign}{issue.text()}")
    if issues:
        counts = Counter(issue.severity for issue in issues)
        told = [_count(counts["error"], "error"), _count(counts["warning"], "warning")]
        told += [_count(counts["info"], "info")] if counts["info"] else []
        context.say(", ".join(told))
    for settings in read:
        kept = (settings.store_path / "books.duckdb").exists()
        parts = (
            _count(len(settings.sources), "source"),
            _count(len(settings.dimensions), "dimension"),
            _count(len(settings.allocation), "rule"),
        )
        context.say(f"{settings.path.name}: {', '.join(parts)}")
        context.say("books: checked" if kept else "books: none yet; `costper sync` begins them")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
