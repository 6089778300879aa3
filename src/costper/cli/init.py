"""Write a first costper.yaml, with a comment on every section; it never overwrites.

Examples:
  costper init
  costper init path/to/project
"""

from __future__ import annotations

import argparse
from pathlib import Path

from costper.cli.context import Context
from costper.config.files import FILE_NAME
from costper.errors import UserError

TEMPLATE = """\
# What costper reads, how cost is carried to customers, and where the books are kept.
# `costper check` tells every fault in here, with its line. Secrets stand in the environment
# and are named here as ${NAME}. The manual: docs/manual/configuration.md

organisation: My company
currency: USD
timezone: UTC

# The words cost is asked by. These four always exist; add your own below them.
dimensions:
  customer: {from: [tags.customer]}
  team: {from: [tags.team]}
  service: {from: [tags.service, service_name]}
  environment: {from: [tags.environment, tags.env]} # prod, stg, dev … are understood

# Where bills and measurements come from. `costper connect TYPE --write` puts one in here.
sources:
  # bill: {type: focus_file, path: bills/*.csv} # a FOCUS file in bills/: take the first # away
  # requests: {type: csv, path: usage.csv, date: day, value: requests,
  #            dimensions: {customer: customer_id, service: service}}

# Business numbers, and how their days add up: sum, average, last, max, min, distinct.
# metrics:
#   requests: {source: requests, unit: request, aggregation: sum}

# Who pays: id, name, status, mrr, currency, plan, seats.
# customers: {type: csv, path: customers.csv}

# LLM calls: told by programs, `costper events`, or over HTTP. `llm: {}` begins, with metrics
# ai_cost, ai_calls, ai_tokens; for those by feature: `feature: {from: [tags.feature]}` above.
# llm:
#   tenants: {acme-eu: acme} # which customer a tenant is of; or {file: tenants.csv}
#   service_accounts: {nightly-index: {team: search}} # or a customer, or the rule to allocate by
#   calls:
#     invoices: {openai: bill} # provider: the source that holds its invoice

# Rules are tried in order; the first that matches takes the charge.
allocation:
  - {rule: dedicated, match: {customer: present}, driver: direct}
  # - {rule: shared database, match: {service: [shared-db, cdn]}, to: customer,
  #    driver: by_quantity, quantity: requests}
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Accept the folder to write in."""
    parser.add_argument("folder", nargs="?", default=".", help="where to write; here if left out")


def run(args: argparse.Namespace, context: Context) -> int:
    """Write the file and say the next step."""
    path = context.cwd / str(args.folder) / FILE_NAME
    begin(path)
    context.say(f"wrote {path}")
    context.say("next: put a FOCUS bill in bills/ and take the # before `bill:` away, or")
    context.say("      `costper connect TYPE --write` for another source;")
    context.say("      with LLM calls only, take the # before `llm:` away and say `llm: {}`;")
    context.say("      then `costper check`, and `costper sync`")
    return 0


def begin(path: Path) -> None:
    """Write a first costper.yaml; never over another.

    Raises:
        UserError: there is one, or it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError as error:
        hint = "nothing was changed; edit it, or name another folder"
        raise UserError("there is one already", where=str(path), hint=hint) from error
    except OSError as error:
        hint = "choose a folder you may write in"
        raise UserError(
            f"cannot be written: {error.strerror}", where=str(path), hint=hint
        ) from None
