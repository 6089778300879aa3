"""Files of own prices are read strictly: each fault at its file and line, with what to write."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from costper.cli import schema as verb
from costper.config.prices import read_prices
from costper.config.schema import prices_schema
from costper.model.outcome import Issue

COMMITTED = Path(__file__).parents[2] / "schema" / "prices.schema.json"

GOOD = """\
prices:
  - provider: openai
    models: [gpt-5*, o3]
    discount_percent: 12.5
    valid_from: 2026-01-01
    valid_to: 2026-12-31
    note: contract 4711
  - provider: azure
    models: our-chat
    input_per_mtok: 2.5
    output_per_mtok: 10
    web_search_per_1000: 10
    tier_percent: {batch: 50, flex: 50}
    long_context:
      - {above: 200000, input_per_mtok: 5, output_per_mtok: 15}
  - {provider: ollama, models: "*", free: true}
  - provider: house
    models: llama
    gpu_hours: {usd_per_hour: 2.4, input_tokens_per_hour: 90000000, output_tokens_per_hour: 9000000}
"""


def faults(tmp_path: Path, text: str) -> list[Issue]:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    return list(read_prices(tmp_path, ("own.yaml",)).issues)


def one(tmp_path: Path, *lines: str) -> tuple[str, str, str]:
    """Give the only fault of one entry: where, what and the hint."""
    head = ("prices:", "  - provider: openai", "    models: gpt-5")
    text = "\n".join((*head, *(f"    {line}" for line in lines), ""))
    (fault,) = faults(tmp_path, text)
    return fault.where, fault.message, fault.hint


def test_own_prices_are_read_in_order_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(GOOD)
    (tmp_path / "more.yaml").write_text("prices:\n  - {provider: x, models: y, free: true}\n")
    read = read_prices(tmp_path, ("own.yaml", "more.yaml"))
    assert read.issues == ()
    assert [it.where for it in read.items] == [
        *("own.yaml:2", "own.yaml:8", "own.yaml:16", "own.yaml:17", "more.yaml:2"),
    ]
    contract, azure, *_ = (it.price for it in read.items)
    assert contract.discount_percent == Decimal("12.5")
    assert (contract.valid_from, contract.valid_to) == (date(2026, 1, 1), date(2026, 12, 31))
    assert azure.told() == {
        "input_per_mtok": Decimal("2.5"),
        "output_per_mtok": Decimal(10),
        "web_search_per_1000": Decimal(10),
    }


def test_an_empty_file_has_no_prices(tmp_path: Path) -> None:
    assert faults(tmp_path, "prices: []\n") == []


@pytest.mark.parametrize(
    ("lines", "where", "said"),
    [
        (("inputs_per_mtok: 1",), 4, "unknown key 'inputs_per_mtok'"),
        (("input_per_mtok: cheap",), 4, "needs a number, not 'cheap'"),
        (("input_per_mtok: -1",), 4, "must be greater than or equal to 0"),
        (("input_per_mtok: 25000",), 4, "must be less than or equal to 10000"),
        (("discount_percent: 120",), 4, "must be less than or equal to 100"),
        (("tier: bach", "input_per_mtok: 1"), 4, "unknown value 'bach'"),
        (("free: true", "valid_from: 2026-02-30"), 5, "needs a day, such as 2026-08-01"),
        (("free: true", "input_per_mtok: 1"), 2, "not prices and free"),
        (("note: nothing more",), 2, "needs one of prices, discount_percent, gpu_hours, free"),
        (
            ("free: true", "valid_from: 2026-03-02", "valid_to: 2026-03-01"),
            *(2, "ends on 2026-03-01, before it begins on 2026-03-02"),
        ),
        (
            ("discount_percent: 5", "tier_percent: {batch: 50}"),
            *(2, "tier_percent goes with prices of the standard tier only"),
        ),
        (
            ("input_per_mtok: 1", "long_context: [{above: 9, output_per_mtok: 2}]"),
            *(2, "output_per_mtok of a long context needs one of any context beside it"),
        ),
        (
            (
                "input_per_mtok: 1",
                "long_context: [{above: 9, input_per_mtok: 2}, {above: 3, input_per_mtok: 3}]",
            ),
            *(2, "long_context goes from the smallest `above` to the largest"),
        ),
    ],
)  # fmt: skip
def test_a_fault_is_told_at_its_line(
    tmp_path: Path, lines: tuple[str, ...], where: int, said: str
) -> None:
    place, message, _ = one(tmp_path, *lines)
    assert place == f"own.yaml:{where}"
    assert said in message


# litellm 20615, bifrost 3559 and 5243: a price for one token taken for that of a million.
def test_a_price_for_one_token_is_refused_with_that_for_a_million(tmp_path: Path) -> None:
    _, message, _ = one(tmp_path, "input_per_mtok: 0.00000125")
    assert "input_per_mtok is for a million tokens: 0.00000125 for one is 1.25" in message


def test_an_unknown_key_has_a_suggestion(tmp_path: Path) -> None:
    assert (
        one(tmp_path, "discont_percent: 5", "free: true")[2] == "did you mean 'discount_percent'?"
    )


@pytest.mark.parametrize(
    "text", ["- provider: openai\n", "price: []\n", "prices: {a: b}\n", "", "prices: [\n", "a\n"]
)
def test_what_is_no_list_of_prices_is_refused(tmp_path: Path, text: str) -> None:
    assert all(fault.where.startswith("own.yaml") for fault in faults(tmp_path, text))
    assert faults(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (fault,) = read_prices(tmp_path, ("none.yaml",)).issues
    assert (fault.where, fault.severity) == ("none.yaml", "error")


def test_editors_see_what_costper_sees() -> None:
    schema = Draft202012Validator(prices_schema())
    good = yaml.safe_load(GOOD.replace("2026-01-01", "'2026-01-01'").replace("2026-12-31", "x"))
    assert list(schema.iter_errors(good)) == []
    for fault in (
        "inputs_per_mtok: 1",
        "input_per_mtok: -1",
        "tier: bach",
        "discount_percent: 101",
    ):
        told = yaml.safe_load(f"prices: [{{provider: openai, models: gpt-5, {fault}}}]")
        assert list(schema.iter_errors(told)) != []


def test_the_committed_schema_is_the_one_this_costper_writes() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == verb.prices_text(), (
        "run: costper schema --prices > schema/prices.schema.json"
    )
