"""Drawn images are counted and priced by themselves, in books of before as well."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from tests.ledger import NOW, settings
from tests.pipeline.calls.fold_world import Road, call

from costper.pipeline.calls.intake import open_intake
from costper.pipeline.calls.price_book import catalogue_of
from costper.pipeline.calls.pricing import pricing_of
from costper.pipeline.calls.reprice import apply_reprice, plan_reprice
from costper.store.books import open_books
from costper.store.call_tables import LATER

IMAGE = {"provider": "google", "model": "gemini-2.5-flash-image", "input_tokens": 100}
DRAWN = Decimal("0.00003") + 1_290 * Decimal("0.00003") + 10 * Decimal("0.0000025")
COUNTED = ("calls", "call_hourly", "user_daily")


def opened(folder: Path) -> Road:
    books = open_books(settings(folder), now=NOW)
    intake = open_intake(books, pricing_of(catalogue_of(books)))
    intake.start_committing()
    return Road(books, intake)


def closed(road: Road) -> None:
    road.intake.close()
    road.books.close()


def costs(road: Road) -> list[dict[str, Any]]:
    return road.rows("SELECT call_id, price_status, cost FROM calls ORDER BY call_id")


def test_an_image_is_priced_as_one_and_what_nobody_divided_is_unpriced(tmp_path: Path) -> None:
    road = opened(tmp_path)
    road.send(
        [
            call(1, **IMAGE, output_tokens=1_300, image_output_tokens=1_290),
            call(2, **IMAGE, output_tokens=1_300),
        ]
    )
    assert costs(road) == [
        {"call_id": "call-1", "price_status": "priced", "cost": DRAWN},
        {"call_id": "call-2", "price_status": "unpriced", "cost": None},
    ]
    assert road.one("SELECT SUM(image_output_tokens) AS n FROM user_daily") == 1_290
    closed(road)


def test_books_written_before_images_were_counted_open_and_keep_every_cost(tmp_path: Path) -> None:
    road = opened(tmp_path)
    road.send([call(1), call(2, output_tokens=7)])
    before = costs(road)
    closed(road)
    (file,) = tmp_path.rglob("books.duckdb")
    with duckdb.connect(file) as old:
        for table in COUNTED:
            for column in LATER:
                old.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        old.execute("UPDATE schema_version SET version = 6")
    road = opened(tmp_path)
    road.send([call(3, **IMAGE, output_tokens=1_300, image_output_tokens=1_290)])
    for table in COUNTED:
        assert road.one(f"SELECT SUM(image_output_tokens) AS n FROM {table}") == 1_290
        assert road.one(f"SELECT COUNT(*) FROM {table} WHERE image_output_tokens IS NULL") == 0
    plan = plan_reprice(road.books, catalogue_of(road.books), since=date(2026, 1, 1))
    apply_reprice(road.books, plan, now=NOW)
    assert costs(road) == [
        *before,
        {"call_id": "call-3", "price_status": "priced", "cost": DRAWN},
    ]
    closed(road)
