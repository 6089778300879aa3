"""Verbs of a running server go by costper.yaml as it is now."""

import json
import signal
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import TextIO

import httpx2
import pytest
from tests.cli.test_serve import Server, costper, names
from tests.cli.world import context

from costper import Ledger
from costper.cli.asking import Again, ask_server, ask_until
from costper.cli.gate import Gate
from costper.cli.lending import lent
from costper.cli.settings import settings
from costper.errors import SettingError, UserError
from costper.store.books import open_books

YAML = """organisation: Acme
currency: USD
sources:
  bill: {type: focus_file, path: bill.csv}
"""
BILL = """BilledCost,EffectiveCost,ListCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,\
BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ServiceName,SubAccountId
90,90,90,USD,2026-10-01T00:00:00Z,2026-10-02T00:00:00Z,\
2026-10-01T00:00:00Z,2026-11-01T00:00:00Z,Usage,Compute,one
"""
RULE = "allocation: [{rule: all, driver: fixed, shares: {acme: 100}}]\n"
PRICES = """prices:
- {{provider: openai, models: house-model, input_per_mtok: {price}, output_per_mtok: 1}}
"""
WAITS = "costper.yaml changed; the server reads it again once `costper sync` is done"
OCTOBER = ("--from", "2026-10-01", "--to", "2026-11-01", "--json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "costper.yaml").write_text(YAML)
    (tmp_path / "bill.csv").write_text(BILL)
    assert costper(tmp_path, "sync").returncode == 0
    return tmp_path


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    made = Server(folder)
    yield made
    made.end()


def write(folder: Path, text: str) -> None:
    (folder / "costper.yaml").write_text(text)


def test_a_plan_and_its_application_go_by_the_rules_as_they_are_now(
    folder: Path, server: Server
) -> None:
    write(folder, YAML + RULE)
    planned = costper(folder, "allocate", "plan", "--json")
    (row,) = json.loads(planned.stdout)["rows"]
    assert {one["customer"] for one in row["by_customer"]} == {"(unallocated)", "acme"}
    applied = costper(folder, "allocate", "apply")
    assert applied.stdout.startswith("2026-10  changed: run 2"), applied
    there = httpx2.get(f"{server.url}api/v1/costs/customers?from=2026-10-01&to=2026-11-01")
    assert [row["customer"] for row in there.json()["rows"]] == ["acme"]


def test_a_sync_reads_a_source_declared_while_the_server_runs(folder: Path, server: Server) -> None:
    assert server.url
    (folder / "more.csv").write_text(BILL.replace("one", "two").replace("90", "30"))
    write(folder, f"{YAML}  more: {{type: focus_file, path: more.csv}}\n")
    assert costper(folder, "sync").returncode == 0
    asked = costper(folder, "cost", *OCTOBER)
    assert json.loads(asked.stdout)["total"]["cost"] == "120.00"


def test_calls_are_repriced_by_prices_named_while_the_server_runs(
    folder: Path, server: Server
) -> None:
    call = {
        "timestamp": "2026-10-05T10:00:00Z",
        "provider": "openai",
        "model": "house-model",
        "input_tokens": 1_000_000,
        "output_tokens": 0,
        "external_request_id": "a",
        "user_id": "u1",
    }
    assert httpx2.post(f"{server.url}api/v1/events", json=[call]).status_code == 202
    prices = folder / "prices.yaml"
    prices.write_text(PRICES.format(price=2))
    write(folder, f"{YAML}llm: {{prices: [prices.yaml]}}\n")
    since = ("reprice", "--since", "2026-10-01", "--json")
    (row,) = json.loads(costper(folder, *since).stdout)["rows"]
    assert (row["unpriced_before"], row["unpriced_after"]) == (1, 0)
    prices.write_text(PRICES.format(price=3))
    (row,) = json.loads(costper(folder, *since).stdout)["rows"]
    assert row["difference"].rstrip("0") == "1."


def test_a_wrong_file_is_the_callers_and_the_server_goes_on(folder: Path, server: Server) -> None:
    write(folder, f"{YAML}llm: {{prices: [none.yaml]}}\n")
    refused = costper(folder, "cost", *OCTOBER)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "cannot go by costper.yaml as it is now" in refused.stderr
    assert "none.yaml" in refused.stderr
    with pytest.raises(UserError, match=r"none\.yaml"), Ledger.connect(folder) as ledger:
        ledger.costs()
    assert "Acme" in names(server)


def test_a_command_after_a_hangup_waits_for_the_server(folder: Path, server: Server) -> None:
    for _ in range(2):
        server.process.send_signal(signal.SIGHUP)
        asked = costper(folder, "cost", *OCTOBER)
        assert (asked.returncode, asked.stderr) == (0, ""), asked
    write(folder, YAML.replace("Acme", "Renamed"))
    with Ledger.connect(folder) as ledger:
        assert ledger.costs(since="2026-10-01", until="2026-11-01").rows
    assert "Renamed" in names(server)


def test_a_file_of_another_name_is_not_answered_by_the_servers(
    folder: Path, server: Server
) -> None:
    assert server.url
    (folder / "other.yaml").write_text(YAML.replace("USD", "EUR"))
    refused = costper(folder, "--config", "other.yaml", "cost", *OCTOBER)
    assert refused.returncode == 2
    assert "the server that holds these books goes by" in refused.stderr
    (folder / "same.yaml").symlink_to("costper.yaml")
    assert costper(folder, "--config", "same.yaml", "cost", *OCTOBER).returncode == 0


def test_verbs_inside_are_finished_before_the_server_begins_again() -> None:
    said, wrong = ["first"], [""]
    begun: list[str] = []

    def begin_again() -> str:
        begun.extend([] if wrong[0] else said)
        return wrong[0]

    gate = Gate(
        ending=lambda: bool(begun),
        changed=lambda: said[0] != "first",
        begin_again=begin_again,
    )
    with gate.entered("sync") as first:
        assert first is None
        said[0] = "second"
        with gate.entered("team") as second:
            assert second == WAITS
        assert begun == []
    wrong[0] = "costper.yaml:3: no"
    with pytest.raises(SettingError, match=r"costper\.yaml:3: no"), gate.entered("team"):
        pass
    wrong[0] = ""
    for _ in range(2):
        with gate.entered("team") as third:
            assert third == ""
    assert begun == ["second"]


def test_a_verb_told_to_come_again_says_once_what_it_waits_for(tmp_path: Path) -> None:
    write(tmp_path, "organisation: Shop\ncurrency: USD\n")
    world, working = context(tmp_path), ["the sync"]
    books = open_books(settings(world), now=world.now)
    door = books.settings.store_path / "books.duckdb"
    gate = Gate(changed=lambda: bool(working[0]), working=lambda: working[0])
    with lent(books, door.with_name("serve.sock"), gate=gate):
        assert ask_server(["metrics"], door, world) == Again(
            "costper.yaml changed; the server reads it again once the sync is done"
        )
        codes: list[int | None] = []
        client = threading.Thread(
            target=lambda: codes.append(ask_until(["metrics"], door, world, 1))
        )
        client.start()
        while not (told := text_of(world.stderr)):
            client.join(0.01)
        working[0] = ""
        client.join()
    books.close()
    assert codes == [0]
    assert told.startswith("waiting: costper.yaml changed")
    assert text_of(world.stderr) == told


def text_of(stream: TextIO) -> str:
    assert isinstance(stream, StringIO)
    return stream.getvalue()
