from datetime import date
from typing import Any

from tests.ledger import Ledger

from costper.pipeline.answer.standing import standing, version
from costper.store.books import Books
from costper.store.engine import Write
from costper.store.schema import deliveries, runs

LATE = "2026-11-20T06:00:00+00:00"


def delivery(books: Books, status: str, moment: str, reason: str = "") -> None:
    values: dict[str, Any] = {
        "source": "bill",
        "account": "1",
        "billing_period": date(2026, 10, 1),
        "mode": "overwrite",
        "status": status,
        "fingerprint": moment,
        "rows": 1,
        "bad_rows": 0,
        "set_aside": 0,
        "totals": {},
        "covered_days": 1,
        "landed_at": moment,
        "reason": reason,
    }
    with books.control.begin() as connection:
        connection.execute(deliveries.insert().values(**values))


def run(books: Books, status: str, moment: str) -> None:
    values: dict[str, Any] = {
        "month": date(2026, 10, 1),
        "fingerprint": moment,
        "status": status,
        "rules": [],
        "deliveries": [],
        "legs": 0,
        "detail": {},
        "created_at": moment,
    }
    with books.control.begin() as connection:
        connection.execute(runs.insert().values(**values))


def test_fresh_books_stand_well_and_never_changed(ledger: Ledger) -> None:
    books = ledger.books()
    found = standing(books)
    assert (found.as_of, found.issues, found.balanced) == ("", (), True)
    books.control.close()


def test_as_of_is_when_the_books_last_changed_not_when_something_was_refused(
    ledger: Ledger,
) -> None:
    books = ledger.books()
    delivery(books, "current", "2026-11-19T06:00:00+00:00")
    run(books, "current", LATE)
    delivery(books, "refused", "2026-11-20T09:00:00+00:00", "covers 3 days")
    found = standing(books)
    assert found.as_of == "2026-11-20T06:00:00Z"
    (issue,) = found.issues
    assert (issue.code, issue.severity, issue.where) == (
        "delivery_refused",
        "warning",
        "bill 1 2026-10",
    )
    assert "covers 3 days" in issue.message
    delivery(books, "current", "2026-11-20T10:00:00+00:00")
    assert standing(books).issues == ()
    books.control.close()


def test_a_month_whose_newest_run_was_not_kept_is_out_of_balance(ledger: Ledger) -> None:
    books = ledger.books()
    run(books, "current", LATE)
    run(books, "failed", LATE)
    found = standing(books)
    assert not found.balanced
    assert [issue.code for issue in found.issues] == ["allocation_not_kept"]
    run(books, "current", LATE)
    assert standing(books).balanced
    books.control.close()


def test_the_version_changes_with_every_kind_of_change(ledger: Ledger) -> None:
    books = ledger.keep().books()
    seen = [version(books)]
    ledger.payer("acme", "1").keep()
    seen.append(version(books))
    ledger.rate(date(2026, 1, 1), "EUR", "1.1").keep()
    seen.append(version(books))
    mark = books.marts.query("SELECT 'run' AS kind, CAST(1 AS BIGINT) AS id")
    books.marts.offer("mark", mark)
    books.marts.replace([Write(table="landed", select="SELECT * FROM mark")])
    seen.append(version(books))
    assert len(set(seen)) == len(seen)
    assert version(books) == seen[-1]
    books.control.close()
