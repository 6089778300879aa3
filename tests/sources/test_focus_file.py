"""A FOCUS bill lands with every digit, in the right groups, and bad ones say why."""

import gzip
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from tests.sources.reading import charges, context_at, focus_csv, good, total

from costper.model.delivery import RawBill
from costper.model.outcome import Outcome
from costper.sources.focus_file import FocusSettings, read


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def reading(root: Path, **said: object) -> Outcome[RawBill]:
    told = {"path": "*.csv"} | said
    return read(FocusSettings.model_validate(told), context_at(root, currency="EUR"))


def codes(outcome: Outcome[RawBill]) -> list[str]:
    return [issue.code for issue in outcome.issues]


LARGEST = Decimal(10**12) - 1
AMOUNT = st.decimals(-LARGEST, LARGEST, places=21, allow_nan=False)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.tuples(AMOUNT, AMOUNT, st.text("ab ,\"'\n;{}", max_size=6)), min_size=1, max_size=8)
)
def test_totals_reconcile_with_the_file_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[Decimal, Decimal, str]]
) -> None:
    root = tmp_path_factory.mktemp("law") / "p"
    root.mkdir()
    text = focus_csv(
        *(
            {"BilledCost": format(b, "f"), "EffectiveCost": format(e, "f"), "ServiceName": name}
            for b, e, name in rows
        )
    )
    (root / "b.csv").write_text(text, newline="")
    landed = charges(reading(root).items[0])
    assert total(landed, "billed_cost") == sum(b for b, _, _ in rows)
    assert total(landed, "effective_cost") == sum(e for _, e, _ in rows)
    assert [row["service_name"] or "" for row in landed] == [name for _, _, name in rows]
    assert [row["_row"] for row in landed] == list(range(2, len(rows) + 2))


def test_every_column_finds_its_place_and_the_rest_is_kept(root: Path) -> None:
    row = {
        "ProviderName": "AWS",
        "Tags": '{"team": "core", " team": "x"}',
        "x_Discounts": 'a"b',
        "AvailabilityZone": "NULL",
        "InvoiceId": "",
        "PricingCurrency": "Token",
        "PricingCurrencyEffectiveCost": "5",
        "ConsumedQuantity": "1.5",
    }
    (root / "b.csv").write_text(focus_csv(row))
    [landed] = charges(reading(root).items[0])
    assert landed["service_provider_name"] == "AWS"
    assert landed["tags"] == '{"team": "core", " team": "x"}'
    assert json.loads(landed["extras"]) == {"x_Discounts": 'a"b'}
    assert (landed["pricing_currency"], landed["pricing_currency_effective_cost"]) == ("Token", 5)
    assert landed["consumed_quantity"] == Decimal("1.5")
    assert landed["charge_period_start"] == datetime(2026, 8, 3)  # noqa: DTZ001
    assert landed["estimated"] is True


def test_names_of_older_versions_are_understood(root: Path) -> None:
    text = (
        "ProviderName,BilledCost,AmortizedCost,ChargeType,Region,UsageQuantity,UsageUnit,"
        "x_InvoiceId,BillingCurrency,BillingAccountId,ChargePeriodStart,ChargePeriodEnd\n"
        "AWS,1,2,Tax,eu,3,h,I7,usd,a,2026-08-01,2026-08-02\n"
    )
    (root / "b.csv").write_text(text)
    [row] = good(charges(reading(root).items[0]))
    assert row["effective_cost"] == 2
    assert (row["charge_category"], row["region_id"], row["invoice_id"]) == ("Tax", "eu", "I7")
    assert (row["consumed_quantity"], row["consumed_unit"]) == (3, "h")
    assert row["billing_currency"] == "USD"
    assert row["billing_period_start"] == datetime(2026, 8, 1)  # noqa: DTZ001
    assert row["billing_period_end"] == datetime(2026, 9, 1)  # noqa: DTZ001


def test_what_a_bill_lacks_stands_in_and_is_told(root: Path) -> None:
    (root / "b.csv").write_text("BilledCost,ChargePeriodStart\n1.5,2026-08-31T20:00:00Z\n")
    outcome = reading(root)
    [row] = good(charges(outcome.items[0]))
    assert [row[f"{cost}_cost"] for cost in ("effective", "contracted", "list")] == [
        Decimal("1.5")
    ] * 3
    assert (row["billing_account_id"], row["billing_currency"]) == ("(none)", "EUR")
    assert row["charge_period_end"] == datetime(2026, 9, 1)  # noqa: DTZ001
    told = [issue for issue in outcome.issues if issue.code == "stand_in"]
    assert {issue.message.split()[4].rstrip(";") for issue in told} == {
        "EffectiveCost",
        "ContractedCost",
        "ListCost",
        "ChargeCategory",
        "ChargePeriodEnd",
        "BillingPeriodStart",
        "BillingAccountId",
        "BillingCurrency",
    }
    assert {(issue.severity, issue.where) for issue in told} == {("warning", "b.csv:1")}
    said = reading(root, currency="USD", account="acme")
    [row] = charges(said.items[0])
    assert (row["billing_account_id"], row["billing_currency"]) == ("acme", "USD")
    assert "BillingAccountId" not in " ".join(issue.message for issue in said.issues)


def test_an_empty_list_cost_falls_back_but_an_unreadable_one_stays_a_bad_row(root: Path) -> None:
    rows = ({"ListCost": "", "BilledCost": "7"}, {"ListCost": "abc"}, {"BilledCost": "x"})
    (root / "b.csv").write_text(focus_csv(*rows))
    landed = charges(reading(root).items[0])
    assert [row["list_cost"] for row in landed] == [7, None, 1]
    assert [row["_row"] for row in good(landed)] == [2]


def test_a_virtual_currency_cannot_be_billed(root: Path) -> None:
    (root / "b.csv").write_text(focus_csv({"BillingCurrency": "Token"}, {}))
    outcome = reading(root)
    assert [(i.code, i.where, i.count) for i in outcome.issues] == [
        ("virtual_currency", "b.csv:2", 1)
    ]
    assert [row["_row"] for row in good(charges(outcome.items[0]))] == [3]


def test_an_end_that_cannot_be_read_keeps_the_money(root: Path) -> None:
    start = "2026-08-03T20:00:00Z"
    ends = ("2026-08-03T30:00:00Z", "", start, "2026-08-03T21:00:00Z")
    rows = [{"ChargePeriodStart": start, "ChargePeriodEnd": end} for end in ends]
    (root / "b.csv").write_text(focus_csv(*rows))
    outcome = reading(root)
    assert [(i.code, i.where, i.count) for i in outcome.issues] == [("period_end", "b.csv:2", 3)]
    landed = good(charges(outcome.items[0]))
    assert [row["charge_period_end"].hour for row in landed] == [0, 0, 0, 21]


def test_more_digits_than_the_books_hold_are_told(root: Path) -> None:
    (root / "b.csv").write_text(focus_csv({}, {"BilledCost": "0.1234567890123456789012"}))
    assert [(i.code, i.where) for i in reading(root).issues] == [("rounded", "b.csv:3")]


def test_a_tag_or_a_name_cannot_break_out_of_the_sql(root: Path) -> None:
    evil = "'; DROP TABLE charges; --"
    (root / "b.csv").write_text(focus_csv({"Tags": json.dumps({evil: evil}), evil: evil}))
    [row] = charges(reading(root, account=evil).items[0])
    assert json.loads(row["tags"]) == {evil: evil}
    assert json.loads(row["extras"]) == {evil: evil}


JULY = {"BillingPeriodStart": "2026-07-01T00:00:00Z", "BillingPeriodEnd": "2026-08-01T00:00:00Z"}


def test_files_of_different_periods_are_snapshots_of_their_own(root: Path) -> None:
    (root / "a.csv").write_text(focus_csv({}))
    (root / "b.csv").write_text(focus_csv(JULY))
    outcome = reading(root)
    assert outcome.issues == ()
    assert [[part.origin for part in bill.parts] for bill in outcome.items] == [
        ["a.csv"],
        ["b.csv"],
    ]


def test_files_of_one_period_are_refused_until_said_what_they_are(root: Path) -> None:
    for name, cost in (("f10.csv", "3"), ("f9.csv", "2"), ("f1.csv", "1")):
        (root / name).write_text(focus_csv({"BilledCost": cost}))
    (root / "july.csv").write_text(focus_csv(JULY))
    outcome = reading(root)
    assert [[part.origin for part in bill.parts] for bill in outcome.items] == [["july.csv"]]
    [issue] = outcome.issues
    assert (issue.code, issue.severity) == ("ambiguous_files", "error")
    assert "account a1, billing period 2026-08-01" in issue.message
    assert "files: parts" in issue.hint
    [bill] = reading(root, path="f*.csv", files="parts").items
    assert total(charges(bill)) == 6
    assert {row["_file"] for row in charges(bill)} == {0, 1, 2}
    snapshots = reading(root, path="f*.csv", files="snapshots").items
    assert [total(charges(bill)) for bill in snapshots] == [1, 2, 3]
    added = reading(root, path="f*.csv", mode="append").items
    assert [bill.mode for bill in added] == ["append"] * 3


def test_the_same_bytes_twice_count_once(root: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (root / name).write_text(focus_csv({}))
    outcome = reading(root)
    assert [(i.code, i.severity, i.where) for i in outcome.issues] == [
        ("same_bytes", "warning", "b.csv")
    ]
    assert [total(charges(bill)) for bill in outcome.items] == [1]


def test_parts_may_have_columns_of_their_own(root: Path) -> None:
    (root / "a.csv").write_text(focus_csv({"Tags": '{"a": "1"}'}))
    (root / "b.csv").write_text(focus_csv({"x_Own": "2"}))
    landed = charges(reading(root, files="parts").items[0])
    assert [row["tags"] for row in landed] == ['{"a": "1"}', None]
    assert [row["extras"] for row in landed] == [None, '{"x_Own":"2"}']


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (gzip.compress(focus_csv({}, {}).encode(), mtime=0)[:-9], "unreadable_file"),
        (focus_csv({}, {})[:-30].encode(), "unreadable_file"),
        (b"Cost,Day\n1,2026-08-01\n", "missing_column"),
    ],
)
def test_a_bad_file_lands_nothing_of_its_group(root: Path, content: bytes, code: str) -> None:
    (root / "a.csv").write_text(focus_csv({}))
    (root / "b.csv").write_bytes(content)
    outcome = reading(root, files="parts")
    assert outcome.items == ()
    assert code in codes(outcome)
    assert outcome.failed
    assert all(issue.where.startswith("b.csv") for issue in outcome.issues)


def test_parquet_of_the_wrong_types_lands_nothing_and_names_the_column(root: Path) -> None:
    moment = pa.array([datetime(2026, 8, 1)], pa.timestamp("us"))  # noqa: DTZ001
    table = pa.table({"BilledCost": moment, "ChargePeriodStart": pa.array([17])})
    pq.write_table(table, root / "a.parquet")
    outcome = reading(root, path="a.parquet")
    assert outcome.items == ()
    assert [(i.code, i.message.split()[1:4]) for i in outcome.issues] == [
        ("wrong_type", ["BilledCost", "is", "TIMESTAMP,"]),
        ("wrong_type", ["ChargePeriodStart", "is", "BIGINT,"]),
    ]


def test_a_column_many_files_lack_is_told_once(root: Path) -> None:
    for day in range(1, 4):
        text = f"BilledCost,ChargePeriodStart,BillingCurrency\n1,2026-08-0{day},USD\n"
        (root / f"{day}.csv").write_text(text)
    outcome = reading(root, path="*.csv", files="parts", account="a")
    told = [issue for issue in outcome.issues if issue.code == "stand_in"]
    assert len({issue.message for issue in told}) == len(told) == 6
    assert {(issue.where, issue.message[-9:]) for issue in told} == {("1.csv:1", "(3 files)")}


def test_parquet_with_types_reads_the_same_as_text(root: Path) -> None:
    day = [datetime(2026, 8, n) for n in (1, 2)]  # noqa: DTZ001
    typed: dict[str, Any] = {
        "BilledCost": pa.array([0.1]),
        "EffectiveCost": pa.array([Decimal("0.10")], pa.decimal128(20, 2)),
        "ListCost": pa.array([None], pa.float64()),
        "BillingCurrency": pa.array(["USD"]),
        "BillingAccountId": pa.array([123], pa.int64()),
        "BillingPeriodStart": pa.array(day[:1], pa.timestamp("us", "UTC")),
        "ChargePeriodStart": pa.array(day[:1], pa.timestamp("ms")),
        "ChargePeriodEnd": pa.array(day[1:], pa.timestamp("us", "UTC")),
        "ChargeCategory": pa.array(["Usage"]).dictionary_encode(),
        "Tags": pa.array([[("team", "core")]], pa.map_(pa.string(), pa.string())),
        "x_Own": pa.array([{"a": 1}]),
    }
    pq.write_table(pa.table(typed), root / "a.parquet")
    outcome = reading(root, path="a.parquet")
    assert [issue.code for issue in outcome.issues] == ["stand_in"]
    [row] = good(charges(outcome.items[0]))
    costs = [row[f"{name}_cost"] for name in ("billed", "effective", "list", "contracted")]
    assert costs == [Decimal("0.1")] * 4
    assert row["billing_account_id"] == "123"
    assert row["charge_period_end"] == day[1]
    assert json.loads(row["tags"]) == {"team": "core"}
    assert json.loads(json.loads(row["extras"])["x_Own"]) == {"a": 1}
    assert row["_row"] == 1


def test_an_incomplete_delivery_carries_what_its_manifest_promised(root: Path) -> None:
    for period, present in (("2026-07", 0), ("2026-08", 1)):
        folder = root / f"e/data/BILLING_PERIOD={period}"
        folder.mkdir(parents=True)
        meta = root / f"e/metadata/BILLING_PERIOD={period}"
        meta.mkdir(parents=True)
        names = [f"s3://x/e/data/BILLING_PERIOD={period}/{n}.csv" for n in (1, 2)]
        (meta / "e-Manifest.json").write_text(json.dumps({"dataFiles": names}))
        for n in range(present):
            (folder / f"{n + 1}.csv").write_text(focus_csv({}))
    outcome = reading(root, path="e")
    [bill] = outcome.items
    assert (len(bill.parts), bill.promised_files) == (1, 2)
    assert str(bill.billing_period) == "2026-08-01"
    assert [(i.code, i.severity) for i in outcome.issues] == [("incomplete_delivery", "error")]


def test_two_empty_parts_of_one_manifest_are_both_parts(root: Path) -> None:
    folder = root / "e"
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"files": ["1.csv", "2.csv"]}))
    for name in ("1.csv", "2.csv"):
        (folder / name).write_text(focus_csv({}).splitlines()[0] + "\n")
    [bill] = reading(root, path="e").items
    assert (len(bill.parts), bill.promised_files) == (2, 2)


def test_settings_refuse_what_they_do_not_know() -> None:
    wrong: tuple[dict[str, object], ...] = (
        {"path": "x", "files": "all"},
        {"path": ()},
        {"path": "x", "currency": "Token"},
    )
    for said in wrong:
        with pytest.raises(ValidationError):
            FocusSettings.model_validate(said)
    settings = FocusSettings.model_validate({"path": "x.csv", "cost_of_record": "billed_cost"})
    assert settings.path == ("x.csv",)


def test_a_bill_of_a_header_alone_is_told(root: Path) -> None:
    header, row = focus_csv({}).splitlines()
    (root / "a.csv").write_text(f"{header}\n")
    outcome = reading(root)
    (issue,) = [one for one in outcome.issues if one.code == "no_rows"]
    assert (issue.where, issue.severity) == ("a.csv:1", "warning")
    assert "fetch the file again" in issue.hint
    (root / "b.csv").write_text(f"{header}\n{row}\n")
    both = reading(root)
    assert [one.where for one in both.issues if one.code == "no_rows"] == ["a.csv:1"]
    assert total(charges(both.items[-1])) == 1


def test_a_manifest_may_name_an_empty_file_beside_others(root: Path) -> None:
    header, row = focus_csv({}).splitlines()
    (root / "a.csv").write_text(f"{header}\n")
    (root / "b.csv").write_text(f"{header}\n{row}\n")
    manifest = root / "manifest.json"
    manifest.write_text('{"files": ["a.csv", "b.csv"]}')
    assert "no_rows" not in codes(reading(root, path="."))
    manifest.write_text('{"files": ["a.csv"]}')
    assert "no_rows" in codes(reading(root, path="."))


@pytest.mark.parametrize("end", ["2026-07-01", "2026-08-01"])
def test_a_billing_period_that_ends_before_it_began_is_told_and_its_money_stays(
    root: Path, end: str
) -> None:
    (root / "b.csv").write_text(focus_csv({}, {"BillingPeriodEnd": end, "BilledCost": "3"}))
    outcome = reading(root)
    (issue,) = [one for one in outcome.issues if one.code == "billing_period_end"]
    assert (issue.where, issue.severity, issue.count) == ("b.csv:3", "warning", 1)
    assert issue.hint
    landed = charges(outcome.items[0])
    assert {row["billing_period_end"] for row in landed} == {datetime(2026, 9, 1)}  # noqa: DTZ001
    assert total(good(landed)) == 4
