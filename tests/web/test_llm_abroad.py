"""What calls cost, on the pages of books that are not kept in dollars."""

import csv
import io
import json
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest
from tests.demo.asked import run
from tests.web.project import charge
from tests.web.serving import Served, served
from tests.web.shown import words_of

from costper.charts.unit import MINUS

OCTOBER = [date(2026, 10, 1) + timedelta(days=at) for at in range(31)]
DAYS = "?from=2026-10-01&to=2026-11-01"
SETTINGS = """\
organisation: Elsewhere
currency: EUR
sources:
  bill: {type: focus_file, path: bill.csv}
  openai_bill: {type: focus_file, path: openai.csv}
  mau: {type: csv, path: mau.csv, date: month, value: users}
customers: {type: csv, path: customers.csv}
rates: {type: csv, path: rates.csv}
metrics:
  mau: {unit: user, kind: active_users, grain: month}
llm:
  tenants: {acme: acme}
  calls: {invoices: {openai: openai_bill}}
"""


def bill(path: Path, cost: str, currency: str, service: str, tags: Mapping[str, str]) -> None:
    """Write a bill of a charge a day."""
    month = {
        "BillingCurrency": currency,
        "BillingPeriodStart": "2026-10-01T00:00:00Z",
        "BillingPeriodEnd": "2026-11-01T00:00:00Z",
    }
    rows = [charge(day, cost, service, tags) | month for day in OCTOBER]
    with path.open("w", newline="", encoding="utf-8") as file:
        written = csv.DictWriter(file, rows[0].keys())
        written.writeheader()
        written.writerows(rows)


def calls() -> Iterable[str]:
    """Give a call a day of exactly $2 by price."""
    for day in OCTOBER:
        call = {
            "externalRequestId": f"call-{day}",
            "provider": "openai",
            "model": "gpt-4o",
            "endpointTag": "search",
            "userId": "u1",
            "tenantId": "acme",
            "inputTokens": 800_000,
            "outputTokens": 0,
            "timestamp": f"{day}T10:00:00Z",
        }
        yield json.dumps(call) + "\n"


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve books in EUR at $1 = EUR 0.50: calls of $62 by price, for which $93 were billed."""
    folder = tmp_path_factory.mktemp("abroad")
    (folder / "costper.yaml").write_text(SETTINGS, encoding="utf-8")
    bill(folder / "bill.csv", "10", "EUR", "vm", {"customer": "acme"})
    bill(folder / "openai.csv", "3", "USD", "OpenAI", {"model": "gpt-4o"})
    files = {
        "customers.csv": "id,mrr,currency\nacme,100,EUR\n",
        "mau.csv": "month,users\n2026-10-01,100\n",
        "rates.csv": "valid_from,currency,rate\n2020-01-01,USD,0.5\n",
        "calls.ndjson": "".join(calls()),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for words in (("sync",), ("events", "send", "calls.ndjson"), ("sync",)):
        code, out, err = run(folder, *words)
        assert code == 0, out + err
    with served(folder) as found:
        yield found


def read(abroad: Served, path: str) -> str:
    with urllib.request.urlopen(abroad.address + path) as reply:  # noqa: S310 - our own server
        return str(reply.read().decode())


def words(abroad: Served, path: str) -> str:
    return words_of(read(abroad, path))


def test_models_cost_dollars_and_their_invoice_is_told_in_the_currency_of_the_books(
    abroad: Served,
) -> None:
    text = words(abroad, f"/llm/models{DAYS}")
    assert "LLM cost $93.00" in text
    assert "Billed €46.50" in text
    assert f"openai gpt-4o €31.00 €46.50 {MINUS}€15.50 ({MINUS}33.3%)" in text
    assert "$46.50" not in text
    assert "Amounts in USD, and in EUR where that is shown." in text


def test_a_bill_above_the_estimate_is_told_as_such_and_is_no_good_news(abroad: Served) -> None:
    page = read(abroad, f"/llm/models{DAYS}")
    assert '<span class="delta bad">+50.0%</span> against the estimate' in page
    assert "delta good" not in page


def test_one_model_says_its_bill_in_the_currency_of_the_books(abroad: Served) -> None:
    text = words(abroad, f"/llm/models/gpt-4o{DAYS}")
    gap = f"{MINUS}€15.50 ({MINUS}33.3% of the bill)"
    assert f"By price €31.00 Billed €46.50 Gap {gap}" in text


def test_active_users_cost_what_the_api_says_in_its_currency(abroad: Served) -> None:
    text = words(abroad, f"/llm/endpoints{DAYS}")
    assert "LLM cost $93.00" in text
    assert "Per monthly user €0.465" in text
    assert "October 2026 100 €0.465 €1.00" in text


def test_a_customer_costs_euros_by_service_and_its_features_dollars(abroad: Served) -> None:
    text = words(abroad, f"/customers/acme{DAYS}")
    assert "openai €46.50" in text
    assert "search $93.00" in text


def test_files_say_what_their_amounts_are_in(abroad: Served) -> None:
    for path, currency in (
        ("/csv/llm/endpoints", "USD"),
        ("/csv/llm/prompt-versions", "USD"),
        ("/csv/llm/users", "USD"),
        ("/csv/customers", "EUR"),
    ):
        rows = [*csv.DictReader(io.StringIO(read(abroad, path + DAYS)))]
        assert {row["currency"] for row in rows} == {currency}, path


def test_the_file_of_models_says_in_each_row_what_its_amounts_are_in(abroad: Served) -> None:
    rows = [*csv.DictReader(io.StringIO(read(abroad, f"/csv/llm/models{DAYS}")))]
    assert {(row["table"], row["currency"]) for row in rows} == {
        ("models", "USD"),
        ("billed", "EUR"),
    }
    assert {row["billed"] for row in rows if row["table"] == "billed"} == {"46.50"}
