"""The section `llm` brings the metrics of calls along, and their source's name is taken."""

from pathlib import Path

import pytest
from tests.config.world import good, read, texts

from costper.config.settings import Settings

NAMES = ["ai_cost", "ai_calls", "ai_tokens"]


def metrics(settings: Settings) -> list[str]:
    return [one.name for one in settings.metrics]


@pytest.mark.parametrize("section", ["llm:\n", "llm: {}\n", "llm: {calls: {charges: false}}\n"])
def test_a_section_llm_brings_three_metrics_of_the_source_calls(
    tmp_path: Path, section: str
) -> None:
    settings = good(tmp_path, f"currency: USD\n{section}")
    assert metrics(settings) == NAMES
    assert {(one.source, one.aggregation) for one in settings.metrics} == {("calls", "sum")}


def test_without_it_there_are_none(tmp_path: Path) -> None:
    assert metrics(good(tmp_path, "currency: USD\n")) == []


def test_a_metric_of_ones_own_takes_the_place(tmp_path: Path) -> None:
    text = "currency: USD\nllm: {}\nsources: {ai_calls: {type: csv, path: a.csv}}\n"
    settings = good(tmp_path, text)
    found = {one.name: one.source for one in settings.metrics}
    assert found == {"ai_calls": "ai_calls", "ai_cost": "calls", "ai_tokens": "calls"}


def test_a_rule_may_divide_by_them(tmp_path: Path) -> None:
    text = (
        "currency: USD\nllm: {}\nallocation:\n"
        "  - {rule: gpu, match: {service: gpu}, driver: by_quantity, quantity: ai_tokens}\n"
    )
    assert good(tmp_path, text).allocation[0].quantity == "ai_tokens"


def test_no_source_may_be_called_calls(tmp_path: Path) -> None:
    outcome = read(tmp_path, "currency: USD\nsources: {calls: {type: bills, path: b.csv}}\n")
    told = "costper.yaml:2: 'calls' is the source of LLM calls, which costper has by itself"
    assert texts(outcome) == [f"{told}\n  hint: choose another name"]
