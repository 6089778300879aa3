"""Reads the command line, runs one verb and turns errors into exit codes.

0 fine · 1 problems found · 2 wrong use · 130 interrupted. A verb's module is imported only
when it is named, so that `costper --help` stays quick.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import traceback
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import NoReturn, Protocol, cast

from costper.cli.context import Context, real_context
from costper.cli.verbs import OWN_PROCESS, VERBS
from costper.errors import BusyError, CostperError, UserError, suggestion

INTERRUPTED = 130
PIPE_CLOSED = 141
PATIENCE_SECONDS = 15.0
"""How long books may be held by a process that answers nobody: a server that begins does so."""

ASK_SECONDS = 1.0
"""How long only the server is waited for, which would wait for us if we had the books."""

TRACEBACK = "--traceback"
TRACEBACK_SWITCH = "COSTPER_TRACEBACK"
CHOICE = re.compile(r"invalid choice: '(?P<value>.*)' \(choose from (?P<known>.*)\)", re.DOTALL)
ABOUT = "What does it cost, per customer, team, service or environment: with proof."
START = """first steps:
  costper demo                 a sample company, answered and served
  costper init                 a costper.yaml to start from
  costper VERB --help          what a verb does, with examples"""


class Verb(Protocol):
    """What a verb's module offers."""

    def arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare what the verb accepts."""
        ...

    def run(self, args: argparse.Namespace, context: Context) -> int:
        """Do it and give the exit code."""
        ...


class Parser(argparse.ArgumentParser):
    """An argument parser that raises, so that every wrong use is told in one way."""

    def error(self, message: str) -> NoReturn:
        """Refuse a command line."""
        choice = CHOICE.search(message)
        if choice is None:
            raise UserError(message, hint=f"{self.prog} --help")
        known = [word.strip().strip("'") for word in choice["known"].split(",")]
        name = message.partition(":")[0].removeprefix("argument ")
        raise UserError(
            f"unknown {name.lower()} {choice['value']!r}", hint=suggestion(choice["value"], known)
        )


def main(argv: Sequence[str] | None = None, context: Context | None = None) -> int:
    """Run costper and give the exit code; `context` is this process unless a test says."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        _check_spelling(words)
        return _somewhere(words, context)
    except CostperError as error:
        (context.stderr if context else sys.stderr).write(f"{error.text()}\n")
        return 2 if isinstance(error, UserError) else 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last guard: nobody is to see a traceback
        return _fault(words, error, context or real_context())


def _check_spelling(words: Sequence[str]) -> None:
    """Refuse bytes that are no text: nothing in the books could be spelled like that."""
    for word in words:
        if not word.isascii() and word.encode(errors="ignore").decode() != word:
            raise UserError(f"{word!a} is not UTF-8", hint="type it in UTF-8")


def _fault(words: Sequence[str], error: Exception, context: Context) -> int:
    """Tell a fault of costper itself on one line, in full only to who asks for it."""
    if TRACEBACK in words or context.environment.get(TRACEBACK_SWITCH, "0") not in {"", "0"}:
        context.tell("".join(traceback.format_exception(error)).rstrip())
    first = next(iter(str(error).splitlines()), "")
    context.tell(f"this is a fault in costper: {type(error).__name__}: {first}")
    context.tell(f"  hint: please report it with what {TRACEBACK} prints")
    return 1


def _somewhere(words: Sequence[str], context: Context | None) -> int:
    """Run the verb here, or in the server that holds the books: also one that just begins again.

    Raises:
        BusyError: another process holds the books, and is no server.
    """
    until = monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return _run(words, context)
        except BusyError as error:
            if not error.where or (context is not None and context.books is not None):
                raise
            code = _asked(words, Path(error.where), context or real_context())
            if code is not None:
                return code
            if monotonic() >= until or OWN_PROCESS.intersection(words):
                raise


def _asked(words: Sequence[str], books: Path, context: Context) -> int | None:
    from costper.cli.asking import ask_until

    return ask_until(words, books, context, ASK_SECONDS)


def parser(filled: Collection[str] | None = None) -> argparse.ArgumentParser:
    """Build the parser; only the verbs in `filled` know their arguments, all of them if None."""
    top = Parser(
        prog="costper",
        description=ABOUT,
        epilog=START,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="store_true", help="print the version and stop")
    _global_arguments(top, config=None, plain=False)
    top.set_defaults(inner=top)
    verbs = top.add_subparsers(metavar="VERB", dest="verb", title="verbs", parser_class=Parser)
    for name, summary, module in VERBS:
        about, examples = summary, ""
        if filled is None or name in filled:
            about, examples = _manual(module)
        inner = verbs.add_parser(
            name,
            help=summary,
            description=about,
            epilog=examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        inner.set_defaults(inner=inner)
        _global_arguments(inner, config=argparse.SUPPRESS, plain=argparse.SUPPRESS)
        if filled is None or name in filled:
            _module(module).arguments(inner)
    return top


def _run(words: Sequence[str], context: Context | None) -> int:
    names = {name for name, _, _ in VERBS}
    try:
        args, unknown = parser(names.intersection(words)).parse_known_args(words)
    except SystemExit as done:  # --help prints and stops
        sys.stdout.flush()
        return int(done.code or 0)
    if unknown:
        _refuse(unknown, args.inner)
    if args.version:
        return _print_version()
    if args.verb is None:
        raise UserError("say what to do: costper VERB", hint="costper --help")
    module = next(module for name, _, module in VERBS if name == args.verb)
    if context is None:
        world = real_context(plain=args.plain, config=args.config)
    else:
        config = Path(args.config) if args.config else context.config
        world = replace(context, plain=context.plain or args.plain, config=config)
    if world.books is not None and args.verb in OWN_PROCESS:
        raise UserError(
            f"a running server has the books; it does not run `{args.verb}`",
            hint="stop the server first",
        )
    code = _module(module).run(args, world)
    world.stdout.flush()
    return code


def _print_version() -> int:
    from importlib.metadata import version  # slow, and hardly ever asked for

    sys.stdout.write(f"costper {version('costper')}\n")
    return 0


def _refuse(unknown: Sequence[str], inner: argparse.ArgumentParser) -> NoReturn:
    word = next((it for it in unknown if it.startswith("-")), unknown[0])
    if not word.startswith("-"):
        raise UserError(f"unexpected {word!r}", hint=f"{inner.prog} --help")
    known = re.findall(r"--[a-z][a-z-]*", inner.format_help())
    near = suggestion(word.partition("=")[0], set(known))
    raise UserError(
        f"unknown option {word!r}",
        hint=near if near.startswith("did") else f"{inner.prog} --help",
    )


def _global_arguments(it: argparse.ArgumentParser, *, config: str | None, plain: object) -> None:
    """Accept the global options before and after the verb."""
    it.add_argument(
        "--config",
        metavar="PATH",
        default=config,
        help="the settings file; else costper.yaml here or in a folder above",
    )
    it.add_argument(
        "--plain",
        action="store_true",
        default=plain,
        help="text without colour or drawing, as when piped",
    )
    it.add_argument(
        TRACEBACK,
        action="store_true",
        default=argparse.SUPPRESS,
        help=f"say all of a fault in costper; so does {TRACEBACK_SWITCH}=1",
    )


def _module(name: str) -> Verb:
    return cast("Verb", importlib.import_module(name))


def _manual(module: str) -> tuple[str, str]:
    """Cut a verb's docstring: what it does, then its examples."""
    about, _, rest = (importlib.import_module(module).__doc__ or "").partition("\n\n")
    return about.strip(), rest.rstrip()


def _forget_stdout() -> None:
    """Keep Python from complaining about the closed pipe once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
