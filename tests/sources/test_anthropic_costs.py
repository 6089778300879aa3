"""Anthropic's cost report reads as a bill: cents, exactly."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.sources.admin_double import Double, Reply, page, served
from tests.sources.reading import charges, context_at, good, total

from costper.errors import SourceError
from costper.model.delivery import RawBill
from costper.sources.anthropic_costs import AnthropicCostsSettings, read


def bucket(day: date, *results: object) -> dict[str, Any]:
    return {
        "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{date.fromordinal(day.toordinal() + 1)}T00:00:00Z",
        "results": list(results),
    }


def result(amount: str, **more: object) -> dict[str, object]:
    return {
        "currency": "USD",
        "amount": amount,
        "workspace_id": "wrkspc_01",
        "description": "Claude Sonnet 5 Usage - Input Tokens",
        "cost_type": "tokens",
        "context_window": "0-200k",
        "model": "claude-sonnet-5",
        "service_tier": "standard",
        "token_type": "uncached_input_tokens",
        "inference_geo": "global",
        **more,
    }


def read_from(tmp_path: Path, *replies: Reply) -> tuple[Double, tuple[RawBill, ...]]:
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    with served(*replies) as double:
        said = {"key": "sk-ant-admin-x", "base_url": f"{double.url}/"}
        settings = AnthropicCostsSettings.model_validate(said)
        return double, read(settings, context_at(root)).items


def test_cents_become_dollars_to_the_last_digit(tmp_path: Path) -> None:
    _, bills = read_from(
        tmp_path,
        page(
            bucket(
                date(2026, 11, 3),
                result("123.45"),
                result("0.000000000000000001", token_type="output_tokens"),
                result("100000000"),
            )
        ),
    )
    assert total(good(charges(bills[0]))) == Decimal("1000001.23450000000000000001")


def test_a_line_is_a_charge_with_its_model_and_workspace(tmp_path: Path) -> None:
    _, bills = read_from(tmp_path, page(bucket(date(2026, 11, 3), result("250"))))
    [row] = good(charges(bills[0]))
    assert row["billed_cost"] == Decimal("2.5")
    assert (row["sku_id"], row["sku_meter"]) == ("claude-sonnet-5", "uncached_input_tokens")
    assert (row["service_name"], row["sub_account_id"]) == ("Anthropic", "wrkspc_01")
    assert row["charge_description"] == "Claude Sonnet 5 Usage - Input Tokens"
    assert row["charge_period_end"] == datetime(2026, 11, 4)  # noqa: DTZ001
    assert '"context_window": "0-200k"' in row["extras"]
    assert row["tags"] == '{"model": "claude-sonnet-5", "project": "wrkspc_01"}'


def test_what_is_no_tokens_keeps_its_own_kind(tmp_path: Path) -> None:
    search = result("300", cost_type="web_search", model=None, token_type=None, workspace_id=None)
    _, bills = read_from(tmp_path, page(bucket(date(2026, 11, 3), search)))
    [row] = good(charges(bills[0]))
    assert (row["sku_id"], row["sku_meter"], row["sub_account_id"]) == (None, "web_search", None)
    assert row["tags"] == "{}"


def test_it_asks_by_day_workspace_and_description(tmp_path: Path) -> None:
    double, bills = read_from(
        tmp_path,
        page(bucket(date(2026, 10, 5), result("1")), next_page="page_x"),
        page(bucket(date(2026, 11, 5), result("2"))),
    )
    first, second = double.asked
    assert first["starting_at"] == ["2026-10-01T00:00:00Z"]
    assert first["ending_at"] == ["2026-11-20T00:00:00Z"]
    assert first["group_by[]"] == ["workspace_id", "description"]
    assert first["limit"] == ["31"]
    assert second["page"] == ["page_x"]
    assert double.paths[0] == "/v1/organizations/cost_report"
    assert double.headers[0]["x-api-key"] == "sk-ant-admin-x"
    assert double.headers[0]["anthropic-version"] == "2023-06-01"
    assert len(bills) == 2


def test_an_overloaded_api_is_asked_again(tmp_path: Path) -> None:
    busy = Reply(status=529, headers={"retry-after": "0"})
    double, _ = read_from(tmp_path, busy, page(bucket(date(2026, 11, 3), result("1"))))
    assert len(double.asked) == 2


def test_an_amount_that_is_none_lands_nothing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_from(tmp_path, page(bucket(date(2026, 11, 3), result("a lot"))))
