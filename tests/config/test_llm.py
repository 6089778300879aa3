"""The section `llm` of costper.yaml: read whole, and every fault of it told with its line."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from tests.config.world import GOLDEN, good, read, texts

from costper.config.llm import LlmSettings

RULE = "- {rule: by requests, driver: by_quantity, quantity: requests}\n"
WHOLE = f"""\
{GOLDEN}{RULE}llm:
  hash_emails: true
  aliases: {{auth0|123: jane, google|9: jane}}
  tenants: {{t1: acme, t2: {{2026-01-01: acme, 2026-09-01: globex}}}}
  service_accounts:
    nightly: {{customer: acme}}
    indexer: {{allocate: by requests, team: search}}
    robot: {{team: growth, ids: bot-7}}
  internal_tenants: ours
  free_plans: [free, trial]
  prices: prices.yaml
  ingest: {{queue_events_max: 5000}}
  calls: {{charges: false, invoices: {{openai: bill}}}}
  burst: {{requests_per_hour: 300, times_usual: 2.5}}
"""


def test_the_whole_section_is_read(tmp_path: Path) -> None:
    llm = good(tmp_path, WHOLE).llm
    assert llm.hash_emails
    assert llm.aliases == {"auth0|123": "jane", "google|9": "jane"}
    assert llm.tenants["t2"] == {date(2026, 1, 1): "acme", date(2026, 9, 1): "globex"}
    assert llm.service_accounts["indexer"].allocate == "by requests"
    assert llm.service_accounts["robot"].ids == ("bot-7",)
    assert (llm.internal_tenants, llm.free_plans) == (("ours",), ("free", "trial"))
    assert (llm.prices, llm.ingest.queue_events_max) == (("prices.yaml",), 5000)
    assert llm.calls.invoices == {"openai": "bill"}
    assert (llm.burst.requests_per_hour, llm.burst.times_usual) == (300, Decimal("2.5"))


def test_without_the_section_everything_has_its_default(tmp_path: Path) -> None:
    assert good(tmp_path, "currency: USD\n").llm == LlmSettings()
    assert not LlmSettings().hash_emails
    assert LlmSettings().calls.charges


def test_mappings_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    llm = good(
        tmp_path,
        "currency: USD\nllm: {tenants: {file: tenants.csv}, aliases: {file: aliases.csv}}\n",
    ).llm
    assert (llm.tenant_file, llm.alias_file) == ("tenants.csv", "aliases.csv")
    assert (LlmSettings().tenant_file, LlmSettings().alias_file) == ("", "")


FAULTS = {
    "{hash_email: true}": "costper.yaml:2: unknown key 'hash_email'\n"
    "  hint: did you mean 'hash_emails'?",
    "{service_accounts: {bot: {}}}": "needs a customer, a team, or a rule that allocates it",
    "{service_accounts: {bot: {customer: a, allocate: r}}}": "not both",
    "{service_accounts: {bot: {allocate: r}}}": "costper.yaml:2: unknown rule 'r'",
    "{service_accounts: {bot: {team: a}, Bot: {team: b}}}": "'Bot' is 'bot' again",
    "{calls: {invoices: {openai: bil}}}": "costper.yaml:2: unknown source 'bil'",
    "{calls: {invoices: {openai: bill}, models: {openia: sku}}}": "'openia' has no invoice",
    "{calls: {invoices: {openai: bill}, models: {openai: skuu}}}": "unknown field 'skuu'",
    "{tenants: {T1: acme, ' t1': acme}}": "' t1' is 'T1' again",
    "{tenants: {t1: {soon: acme}}}": "needs a day, such as 2026-08-01",
    "{tenants: {t1: {}}}": "llm.tenants.t1: needs text",
    "{aliases: {a: b, b: c}}": "leads to what is an alias itself",
    "{aliases: {a: jane@acme.com}}": "leads to an e-mail address",
    "{burst: {times_usual: 1}}": "times_usual",
    "{ingest: {spool_mib_max: 1}}": "spool_mib_max",
    "all": "llm: needs `name: value` lines",
}


@pytest.mark.parametrize(("section", "told"), FAULTS.items())
def test_a_fault_is_told_with_its_line(section: str, told: str, tmp_path: Path) -> None:
    found = "\n".join(texts(read(tmp_path, f"currency: USD\nllm: {section}\n")))
    assert told in found
    assert "costper.yaml:2" in found


def test_no_message_repeats_an_email_address(tmp_path: Path) -> None:
    section = "{aliases: {jane@acme.com: jane@acme.org}}"
    found = "\n".join(texts(read(tmp_path, f"currency: USD\nllm: {section}\n")))
    assert "leads to an e-mail address" in found
    assert "@" not in found
