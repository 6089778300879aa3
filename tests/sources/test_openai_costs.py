"""OpenAI's costs API reads as a bill, digit by digit."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.sources.admin_double import Double, Reply, page, served
from tests.sources.reading import charges, context_at, good, total

from costper.errors import SourceError
from costper.model.delivery import RawBill
from costper.model.period import Period
from costper.sources.openai_costs import OpenaiCostsSettings, read

KEY = "sk-admin-very-secret"
SLOW_DOWN = Reply(status=429, headers={"retry-after": "0"}, body=b'{"error":{"message":"slow"}}')


def bucket(day: date, *results: object) -> dict[str, Any]:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    return {
        "object": "bucket",
        "start_time": start,
        "end_time": start + 86_400,
        "results": list(results),
    }


def result(value: object, item: str | None = "gpt-5.5-2026-04-14, input", **more: object) -> object:
    return {
        "object": "organization.costs.result",
        "amount": {"value": value, "currency": "usd"},
        "line_item": item,
        "project_id": "proj_a",
        "organization_id": "org-x",
        **more,
    }


def settings(double: Double, **said: Any) -> OpenaiCostsSettings:  # noqa: ANN401 - any setting
    return OpenaiCostsSettings.model_validate({"key": KEY, "base_url": double.url, **said})


def read_from(tmp_path: Path, *replies: Reply, **said: Any) -> tuple[Double, tuple[RawBill, ...]]:  # noqa: ANN401
    root = tmp_path / "root"
    root.mkdir(exist_ok=True)
    with served(*replies) as double:
        return double, read(settings(double, **said), context_at(root)).items


def test_a_line_is_a_charge_with_its_model_project_and_quantity(tmp_path: Path) -> None:
    counted = result(0.06, quantity=12_000, quantity_unit="tokens")
    _, bills = read_from(tmp_path, page(bucket(date(2026, 11, 3), counted)))
    [row] = good(charges(bills[0]))
    assert row["billed_cost"] == row["effective_cost"] == Decimal("0.06")
    assert (row["sku_id"], row["sku_meter"]) == ("gpt-5.5-2026-04-14", "input")
    assert (row["service_name"], row["sub_account_id"]) == ("OpenAI", "proj_a")
    assert row["service_category"] == "AI and Machine Learning"
    assert (row["consumed_quantity"], row["consumed_unit"]) == (12_000, "tokens")
    assert row["tags"] == '{"model": "gpt-5.5-2026-04-14", "project": "proj_a"}'
    assert row["charge_period_start"] == datetime(2026, 11, 3)  # noqa: DTZ001
    assert row["billing_currency"] == "USD"
    assert row["estimated"] is False


def test_amounts_are_read_from_their_text_never_as_floats(tmp_path: Path) -> None:
    written = (
        b'{"data":[{"start_time":1793664000,"results":['
        b'{"amount":{"value":0.1000000000000000055,"currency":"usd"},"line_item":null},'
        b'{"amount":{"value":2.5e-07,"currency":"usd"},"line_item":"web search"},'
        b'{"amount":{"value":"123456.789","currency":"usd"},"line_item":"a, b"}]}],'
        b'"has_more":false}'
    )
    _, bills = read_from(tmp_path, Reply(body=written))
    rows = good(charges(bills[0]))
    assert total(rows) == Decimal("123456.8890002500000000055")
    assert {row["sku_id"] for row in rows} == {None, "a"}


def test_pages_are_followed_and_months_are_snapshots(tmp_path: Path) -> None:
    double, bills = read_from(
        tmp_path,
        page(bucket(date(2026, 10, 31), result(1)), next_page="p2"),
        page(bucket(date(2026, 11, 1), result(2)), bucket(date(2026, 11, 2))),
    )
    assert [one.billing_period for one in bills] == [date(2026, 10, 1), date(2026, 11, 1)]
    assert [total(good(charges(one))) for one in bills] == [1, 2]
    assert [one.account for one in bills] == ["openai", "openai"]
    first, second = double.asked
    assert first["start_time"] == [str(int(datetime(2026, 10, 1, tzinfo=UTC).timestamp()))]
    assert first["end_time"] == [str(int(datetime(2026, 11, 20, tzinfo=UTC).timestamp()))]
    assert first["group_by[]"] == ["project_id", "line_item"]
    assert second["page"] == ["p2"]
    assert double.paths == ["/v1/organization/costs"] * 2
    assert {one["Authorization"] for one in double.headers} == {f"Bearer {KEY}"}


def test_the_same_answer_is_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    one, two = result(1), result(2, "gpt-5.5, output")
    _, first = read_from(tmp_path, page(bucket(date(2026, 11, 3), one, two)))
    _, second = read_from(tmp_path, page(bucket(date(2026, 11, 3), two, one)))
    assert first[0].parts[0].sha256 == second[0].parts[0].sha256


def test_who_is_asked_to_slow_down_waits_and_asks_again(tmp_path: Path) -> None:
    double, bills = read_from(
        tmp_path, SLOW_DOWN, SLOW_DOWN, page(bucket(date(2026, 11, 3), result(1)))
    )
    assert len(double.asked) == 3
    assert total(good(charges(bills[0]))) == 1


def test_a_server_that_stays_busy_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"429: .*slow") as failed:
        read_from(tmp_path, SLOW_DOWN)
    assert "wait" in failed.value.hint


def test_a_wrong_key_is_told_without_the_key(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as failed:
        read_from(tmp_path, Reply(status=401, body=b'{"error": {"message": "no"}}'))
    assert "sk-admin-" in failed.value.hint
    assert failed.value.where == "costper.yaml:7"
    assert KEY not in failed.value.text()


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"data": 3}',
        b'{"data": [{"start_time": 1793664000, "results": [{"amount": {"value": NaN}}]}]}',
        b'{"data": [{"start_time": 1793664000, "results": [{"amount": {"value": 1}}]}]}',
        b'{"data": [{"start_time": 1, "results": [{"amount": {"value": "x", "currency": "u"}}]}]}',
        b'{"data": [], "has_more": true}',
    ],
)
def test_an_answer_in_no_known_shape_lands_nothing(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_from(tmp_path, Reply(body=body))


def test_pages_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    again = page(bucket(date(2026, 11, 3)), next_page="p1")
    with pytest.raises(SourceError, match="do not end"):
        read_from(tmp_path, again)


def test_a_redirect_is_not_followed_with_the_key(tmp_path: Path) -> None:
    moved = Reply(status=302, headers={"location": "http://127.0.0.1:9/"})
    with pytest.raises(SourceError, match="302"):
        read_from(tmp_path, moved)


def test_late_days_are_estimated_and_today_is_left_out(tmp_path: Path) -> None:
    _, bills = read_from(
        tmp_path,
        page(*(bucket(date(2026, 11, day), result(day)) for day in (16, 17, 19, 20))),
    )
    rows = good(charges(bills[0]))
    assert [(row["billed_cost"], row["estimated"]) for row in rows] == [
        (16, False),
        (17, True),
        (19, True),
    ]


def test_a_credit_is_a_credit(tmp_path: Path) -> None:
    _, bills = read_from(tmp_path, page(bucket(date(2026, 11, 3), result(-5, "credit"))))
    [row] = good(charges(bills[0]))
    assert (row["billed_cost"], row["charge_category"]) == (-5, "Credit")


def test_a_window_is_widened_to_whole_months_and_an_empty_one_is_no_bill(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    with served(page()) as double:
        context = context_at(root, window=Period(date(2026, 11, 20), date(2026, 11, 21)))
        found = read(settings(double), context)
    assert double.asked[0]["start_time"] == [
        str(int(datetime(2026, 11, 1, tzinfo=UTC).timestamp()))
    ]
    assert found.items == ()
