"""What could have been otherwise with LLM calls, as people read it."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from tests.cli.world import Ran, context
from tests.pipeline.llm.observed_world import NOON, Observed, observed

from costper.cli.main import main

NOVEMBER = ("--from", "2026-11", "--to", "2026-12")
SNAPSHOTS = Path(__file__).parent / "snapshots"
MINI = "openai/gpt-5-mini"
WORDS = {
    "llm-savings": (
        *("llm", "savings", "--with-model", MINI, "--batch", "mail"),
        *("--route", f"tenant=t1:{MINI}", "--route", f"tenant=nobody:{MINI}"),
    ),
    "llm-limits": ("llm", "limits", "--limit", "0.05", "--limit", "0.5"),
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Observed]:
    llm = "llm: {service_accounts: {nightly: {team: growth}}, tenants: {t1: acme, t2: beta}}"
    with observed(tmp_path, llm) as made:
        made.send(
            {
                "inputTokens": 4_000 * (1 + number % 2),
                "outputTokens": 1_000,
                "endpointTag": ("search", "mail")[number % 2],
                "userId": f"u-{min(number, 5)}",
                "tenantId": ("t1", "t2")[number % 3 == 0],
                "timestamp": (NOON + timedelta(minutes=3 * number)).isoformat(),
            }
            for number in range(20)
        )
        made.send([{"inputTokens": 900_000, "serviceAccount": "nightly", "userId": ""}])
        yield made


def run(world: Observed, *words: str) -> Ran:
    books = world.world.books
    own = replace(context(books.settings.root), books=books)
    code = main(words, own)
    assert isinstance(own.stdout, io.StringIO)
    assert isinstance(own.stderr, io.StringIO)
    return Ran(code, own.stdout.getvalue(), own.stderr.getvalue())


@pytest.mark.parametrize("name", WORDS)
def test_every_question_keeps_to_its_golden_table(world: Observed, name: str) -> None:
    ran = run(world, *WORDS[name], *NOVEMBER)
    assert ran.code == 0, ran.err
    golden = SNAPSHOTS / f"{name}.txt"
    text = f"{ran.out}--- stderr\n{ran.err}"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now; read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", WORDS)
def test_every_question_answers_as_json_and_csv(world: Observed, name: str) -> None:
    answer = json.loads(run(world, *WORDS[name], *NOVEMBER, "--json").out)
    rows = list(csv.DictReader(io.StringIO(run(world, *WORDS[name], *NOVEMBER, "--csv").out)))
    assert len(rows) == len(answer["rows"]) > 0


def test_what_cannot_be_read_is_wrong_use(world: Observed) -> None:
    for words in (
        ("llm", "savings", "--with-model", "gpt-5"),
        ("llm", "savings", "--route", "starter"),
        ("llm", "limits", "--limit", "-5"),
    ):
        ran = run(world, *words)
        assert ran.code == 2, words
        assert ran.err
