"""Set up a sample company, carry every cent of its bills, print what the books say, and serve.

Its raw files are made from a seed and go through the ordinary sources; what is printed comes
from the books, each finding with the command that repeats it. A second time changes nothing.

Examples:
  costper demo
  costper demo --no-serve
  costper demo --dir /tmp/lumen --port 9000
"""

from __future__ import annotations

import argparse
import shutil
import sys
from dataclasses import replace
from pathlib import Path

from costper.cli.books import opened
from costper.cli.context import Context
from costper.cli.main import main
from costper.cli.serve import HOST, PORT, port, serve
from costper.errors import BusyError, UserError

FOLDER = "demo"
SWITCH = "DEMO_SERVE"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept a folder, a port, and whether to serve at all."""
    parser.add_argument(
        "--dir", default=FOLDER, metavar="FOLDER", help=f"where to write, else {FOLDER}"
    )
    parser.add_argument(
        "--port", type=port, default=PORT, help=f"the port to serve on, else {PORT}"
    )
    parser.add_argument(
        "--no-serve", action="store_true", help=f"stop after printing, as {SWITCH}=0 does"
    )


def run(args: argparse.Namespace, context: Context) -> int:
    """Write, sync, allocate, print and serve."""
    from costper.demo.files import SETTINGS_FILE, company_files, write_company

    folder = context.cwd / args.dir
    context.tell(f"writing the sample company's files to {args.dir}/")
    written, kept = write_company(folder, company_files(), now=context.now)
    context.tell(f"{written} files written" if written else "all files are there already")
    if kept:
        context.tell(f"your {SETTINGS_FILE} was edited; it is kept as {args.dir}/{kept}")
    inside = replace(context, config=folder / SETTINGS_FILE)
    try:
        return _keep_and_answer(args, inside, Path(args.dir) / SETTINGS_FILE)
    except BusyError as error:
        hint = f"a demo is served from {args.dir}/ already: use it, stop it, or say --dir"
        raise UserError("another costper holds the demo's books", hint=hint) from error


def _keep_and_answer(args: argparse.Namespace, context: Context, settings: Path) -> int:
    """Run the ordinary sync in these books, ask them, and serve them."""
    from costper.demo.run import found

    program = f"{_program()} --config {settings}"
    with opened(context) as books:
        inside = replace(context, books=books)
        llm = settings.parent / "llm"
        calls = [(llm / path.name).as_posix() for path in (context.cwd / llm).glob("*.ndjson.gz")]
        context.say(f"$ {program} events send {' '.join(sorted(calls))}")
        code = main(("events", "send", *sorted(calls)), inside)
        context.say(f"$ {program} sync")
        code = code or main(("sync",), inside)
        context.stdout.flush()
        if code:
            return code
        context.say()
        for finding in found(books, now=context.now):
            for line in finding.text(program):
                context.say(line)
            context.say()
        context.stdout.flush()
    if args.no_serve or context.environment.get(SWITCH) == "0":
        return 0
    return serve(HOST, args.port, context)


def _program() -> str:
    """Name costper the way it can be called here."""
    called = sys.argv[0]
    installed = shutil.which("costper")
    if installed is None and Path(called).name == "costper":
        return called
    return "costper"
