"""From an empty folder to a first true answer, as somebody does it who reads no manual."""

import gzip
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from tests.web.conftest import Watched

Axe = Callable[[Page], list[str]]
SLOW = 60_000
CENTS = tuple(Decimal(n) / 1000 for n in (12_345_678, 1, 99_999, 4_200_000))
SERVICES = ("search", "search", "checkout", "checkout")
CUSTOMERS = ("acme", "beta", "acme", "beta")


class Folder:
    """An empty folder and the server that somebody started in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        words = [sys.executable, "-m", "costper", "serve", "--port", "0"]
        self.process = subprocess.Popen(
            words, cwd=path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("costper serves at "), line
        self.url = line.split()[-1].rstrip("/")

    @property
    def settings(self) -> str:
        """What stands in costper.yaml."""
        return (self.path / "costper.yaml").read_text(encoding="utf-8")

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Folder]:
    made = Folder(tmp_path)
    yield made
    made.end()


def focus() -> bytes:
    """Write a bill in FOCUS: four charges of two services and two customers."""
    head = (
        "BillingAccountId,BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
        "ChargeCategory,BilledCost,EffectiveCost,BillingCurrency,ServiceName,Tags"
    )
    month = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z"
    rows = [
        f"42,{month},2026-10-{day:02d}T00:00:00Z,2026-10-{day + 1:02d}T00:00:00Z,"
        f"Usage,{cost},{cost},"
        f'USD,{service},"{{""customer"": ""{customer}""}}"'
        for day, (cost, service, customer) in enumerate(
            zip(CENTS, SERVICES, CUSTOMERS, strict=True), start=5
        )
    ]
    return "\n".join((head, *rows, "")).encode()


def sent(name: str, body: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="application/octet-stream", buffer=body)


def test_an_empty_folder_gets_to_a_true_first_answer(folder: Folder, page: Page, axe: Axe) -> None:
    page.goto(folder.url)
    expect(page.get_by_role("heading", name="Welcome to costper")).to_be_visible()
    page.get_by_role("link", name="Connect a bill").click()
    page.get_by_label("Drop a bill").set_input_files([sent("october.csv", focus())])
    expect(page.get_by_text("october.csv looks like a bill in FOCUS")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Connect and read it").click()
    total = f"{sum(CENTS):,f} USD"
    told = f"In the books from 5 Oct 2026 to 8 Oct 2026: {total}."
    expect(page.get_by_text(told)).to_be_visible(timeout=SLOW)
    assert "  bill:\n" in folder.settings
    assert (folder.path / "bills" / "bill" / "october.csv").read_bytes() == focus()
    assert axe(page) == []
    page.get_by_role("link", name="What each customer costs").click()
    expect(page.get_by_role("link", name="acme")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="acme"))
    expect(row.locator(f"[data-value='{CENTS[0] + CENTS[2]:f}']").first).to_be_visible()
    page.goto(f"{folder.url}/services")
    row = page.get_by_role("row").filter(has=page.get_by_role("link", name="checkout"))
    expect(row.locator(f"[data-value='{CENTS[2] + CENTS[3]:f}']").first).to_be_visible()


def test_a_file_that_is_no_bill_is_told_so_and_changes_nothing(folder: Folder, page: Page) -> None:
    before = folder.settings
    page.goto(f"{folder.url}/connect")
    choose = page.get_by_label("Drop a bill")
    choose.set_input_files([sent("bill.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")])
    expect(page.get_by_text("bill.csv: this is a PDF")).to_be_visible()
    choose.set_input_files([sent("bill.csv.gz", gzip.compress(focus(), mtime=0)[:-40])])
    expect(page.get_by_text("bill.csv.gz is cut off, or no gzip at all")).to_be_visible()
    choose.set_input_files([sent("bill.xlsx", b"PK\x03\x04")])
    expect(page.get_by_text("bill.xlsx is no data file")).to_be_visible()
    choose.set_input_files([sent("bill.csv", b"")])
    expect(page.get_by_text("bill.csv is empty")).to_be_visible()
    choose.set_input_files([sent("notes.csv", b"a,b\nx,y\n")])
    expect(page.get_by_text("Its columns are none we know for sure")).to_be_visible()
    assert folder.settings == before
    assert sorted(it.name for it in folder.path.iterdir()) == [".costper", "costper.yaml"]


def test_no_value_of_a_file_stands_in_the_address(folder: Folder, page: Page) -> None:
    page.goto(f"{folder.url}/connect")
    choose = page.get_by_label("Drop a bill")
    usage = b'when,"customer",API calls,account\n20261001,"Acme, Inc","1,234",123456789012\n'
    choose.set_input_files([sent("calls.csv", usage)])
    expect(page.get_by_text("calls.csv looks like")).to_be_visible()
    expect(page.locator("[name=date]")).to_have_value("when")
    expect(page.locator("[name=dimensions]")).to_have_value("customer: customer")
    for value in ("Acme", "1234", "234", "123456789012", "20261001"):
        assert value not in page.url
    choose.set_input_files([sent("bare.csv", b"123456789012,Acme,2026-10-01\n1,Beta,2026-10-02\n")])
    expect(page.get_by_text("Its columns are none we know for sure")).to_be_visible()
    assert "Acme" not in page.url
    assert "1234" not in page.url


def test_customers_and_a_metric_follow_the_bill(folder: Folder, page: Page) -> None:
    (folder.path / "bills").mkdir()
    (folder.path / "bills" / "october.csv").write_bytes(focus())
    settings = folder.settings.replace("  # bill: ", "  bill: ")
    (folder.path / "costper.yaml").write_text(settings, encoding="utf-8")
    page.goto(f"{folder.url}/connect")
    page.get_by_role("button", name="Read costper.yaml again").first.click()
    expect(page.get_by_text("costper.yaml was read")).to_be_visible()
    page.get_by_role("button", name="Sync all").click()
    expect(page.get_by_text("4 rows of 1 source, 0 errors")).to_be_visible(timeout=SLOW)
    page.goto(folder.url)
    expect(page.get_by_text("What these numbers cannot say yet")).to_be_visible()
    expect(page.get_by_role("heading", name="What customers cost")).to_be_visible()
    page.get_by_role("link", name="Add your customers").click()
    customers = b"id,name,mrr,plan\nacme,Acme GmbH,20000,pro\nbeta,Beta,100,basic\n"
    page.get_by_label("Drop a bill").set_input_files([sent("crm.csv", customers)])
    expect(page.get_by_text("crm.csv looks like a list of customers")).to_be_visible()
    page.get_by_role("button", name="Connect and read it").click()
    expect(page.locator("#syncs")).to_be_visible(timeout=SLOW)
    assert (folder.path / "customers.csv").read_bytes() == customers
    page.goto(f"{folder.url}/customers")
    expect(page.get_by_role("link", name="Acme GmbH")).to_be_visible()
    page.goto(folder.url)
    page.get_by_role("link", name="Add a metric").click()
    users = b"day,customer,orders\n2026-10-05,acme,10\n2026-10-06,beta,30\n"
    page.get_by_label("Drop a bill").set_input_files([sent("orders.csv", users)])
    expect(page.get_by_text("orders.csv looks like a metric by day")).to_be_visible()
    page.get_by_role("button", name="Connect and read it").click()
    page.get_by_role("link", name="Open orders in the Explorer").click(timeout=SLOW)
    expect(page.locator("main svg[data-chart]").first).to_be_visible()


def test_a_settings_file_with_a_fault_is_told_with_its_line(
    folder: Folder, page: Page, watched: Watched
) -> None:
    (folder.path / "costper.yaml").write_text(folder.settings + "\nnonsense: 1\n", "utf-8")
    line = folder.settings.splitlines().index("nonsense: 1") + 1
    page.goto(f"{folder.url}/connect?type=aws_cost_explorer&kind=bill")
    expect(page.get_by_text("type: aws_cost_explorer")).to_be_visible()
    page.locator("main").get_by_role("button", name="Read costper.yaml again").last.click()
    expect(page.get_by_text(f"costper.yaml:{line}: unknown")).to_be_visible()
    watched.complaints.clear()  # Chromium tells of every refused form


@pytest.mark.soak
def test_the_sample_company_is_made_and_shown(folder: Folder, page: Page) -> None:
    page.goto(folder.url)
    page.get_by_role("button", name="Load the sample company").click()
    expect(page.get_by_text("Making the sample company")).to_be_visible()
    expect(page.get_by_text("Lumen Desk").first).to_be_visible(timeout=300_000)
    assert (folder.path / "demo" / "costper.yaml").exists()
