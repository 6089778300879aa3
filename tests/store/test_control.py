"""The control store forgets nothing: not old versions, not keys, not who did what."""

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.store.raw_bills import MAY, NOW, Desk, days

from costper.errors import BooksError, UnknownNameError, UserError
from costper.store.audit import entries, log, verify
from costper.store.closing import close_period, closed, reopen_period
from costper.store.control import Control, sqlite_url
from costper.store.deliveries import current, files_of
from costper.store.keys import add_key, list_keys, revoke_key, verify_key
from costper.store.schema import METADATA, audit

POSTGRESQL: sa.Dialect = sa.make_url("postgresql://").get_dialect()()


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    control = Control(sqlite_url(tmp_path / "control.sqlite"))
    yield control
    control.close()


def test_a_store_of_the_first_version_opens_with_all_it_held(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "control.sqlite")
    old = Control(url, revision="0001")
    with old.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO deliveries (source, account, billing_period, mode, status,"
                " fingerprint, rows, bad_rows, set_aside, totals, covered_days, landed_at, reason)"
                " VALUES"
                " ('bill', 'a', '2026-05-01', 'overwrite', 'current', 'f', 3, 0, 0,"
                """ '{"USD": {"billed_cost": "0.000000000000000000001"}}', 3, 'then', '')"""
            )
        )
        connection.execute(sa.text("INSERT INTO delivery_files VALUES (1, 0, 'may.csv', 'sha', 3)"))
        connection.execute(sa.text("INSERT INTO closed_periods VALUES ('', '2026-04-01', 'then')"))
        assert not sa.inspect(connection).has_table("bills")
    old.close()
    new = Control(url)
    (delivery,) = current(new)
    assert delivery.totals == {"USD": {"billed_cost": Decimal("1e-21")}}
    assert delivery.files == ("may.csv",)
    assert files_of(new, 1)[0].rows == 3
    assert closed(new) == {("", date(2026, 4, 1))}
    with new.begin() as connection:
        assert sa.inspect(connection).has_table("bills")
    new.close()


def test_keys_made_before_their_use_was_known_are_still_in_force(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "control.sqlite")
    old = Control(url, revision="0004")
    digest = hashlib.sha256(b"cp_old").hexdigest()
    with old.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO api_keys VALUES ('1', 'old', :hash, '[\"read\"]', 'then', '')"),
            {"hash": digest},
        )
        assert not sa.inspect(connection).has_table("annotations")
    old.close()
    new = Control(url)
    key = verify_key(new, "cp_old")
    assert key is not None
    assert (key.name, key.last_used) == ("old", "")
    with new.read() as connection:
        assert sa.inspect(connection).has_table("annotations")
        assert sa.inspect(connection).has_table("shares")
    new.close()


def test_the_migrated_tables_are_those_the_code_declares(control: Control) -> None:
    with control.begin() as connection:
        seen = sa.inspect(connection)
        for table in METADATA.sorted_tables:
            columns = {column["name"] for column in seen.get_columns(table.name)}
            assert columns == set(table.columns.keys()), table.name
            assert {index["name"] for index in seen.get_indexes(table.name)} == {
                index.name for index in table.indexes
            }


def test_every_table_can_be_made_on_postgresql() -> None:
    for table in METADATA.sorted_tables:
        text = str(sa.schema.CreateTable(table).compile(dialect=POSTGRESQL))
        assert "AUTOINCREMENT" not in text


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "control.sqlite").write_bytes(b"no database " * 100)
    with pytest.raises(BooksError, match=r"control\.sqlite.*cannot be opened"):
        Control(sqlite_url(tmp_path / "control.sqlite"))


def test_a_store_of_a_newer_costper_is_left_alone(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "control.sqlite")
    control = Control(url)
    with control.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    control.close()
    with pytest.raises(BooksError, match="cannot be opened"):
        Control(url)


def test_what_is_committed_is_on_the_disk(control: Control) -> None:
    with control.begin() as connection:
        assert connection.execute(sa.text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(sa.text("PRAGMA journal_mode")).scalar() == "wal"


def test_the_log_is_a_chain(control: Control) -> None:
    for subject in ("one", "two", "three"):
        with control.begin() as connection:
            log(connection, "tried", subject, now=NOW, detail={"day": MAY})
    assert verify(control) == 3
    assert [entry.subject for entry in entries(control)] == ["one", "two", "three"]


@pytest.mark.parametrize(
    "tampered",
    [
        audit.update().where(audit.c.seq == 2).values(detail="{}"),
        audit.update().where(audit.c.seq == 2).values(at="never"),
        audit.delete().where(audit.c.seq == 1),
        audit.delete().where(audit.c.seq == 2),
    ],
)
def test_a_changed_log_is_found(control: Control, tampered: sa.Executable) -> None:
    for subject in ("one", "two", "three"):
        with control.begin() as connection:
            log(connection, "tried", subject, now=NOW, detail={"n": 1})
    with control.begin() as connection:
        connection.execute(tampered)
    with pytest.raises(BooksError, match="audit entry"):
        verify(control)


def test_an_act_and_its_entry_stand_or_fall_together(control: Control) -> None:
    close_period(control, MAY, source="", now=NOW)
    with pytest.raises(UserError, match="closed already"):
        close_period(control, MAY, source="", now=NOW)
    with pytest.raises(UserError, match="says why"):
        reopen_period(control, MAY, source="", reason=" ", now=NOW)
    with pytest.raises(UserError, match="is not closed"):
        reopen_period(control, MAY, source="bill", reason="because", now=NOW)
    assert [entry.action for entry in entries(control)] == ["period closed"]


def test_a_key_is_shown_once_and_kept_as_a_hash(control: Control, tmp_path: Path) -> None:
    secret = add_key(control, "dashboard", ("read",), now=NOW)
    key = verify_key(control, secret)
    assert key is not None
    assert (key.name, key.scopes) == ("dashboard", ("read",))
    assert secret.encode() not in b"".join(
        path.read_bytes() for path in tmp_path.glob("control.sqlite*")
    )
    assert verify_key(control, f"{secret}x") is None


def test_a_revoked_key_is_out_of_force_for_good(control: Control) -> None:
    secret = add_key(control, "dashboard", ("read",), now=NOW)
    revoke_key(control, "dashboard", now=NOW)
    assert verify_key(control, secret) is None
    assert list_keys(control)[0].revoked_at == NOW.isoformat()
    with pytest.raises(UserError, match="exists"):
        add_key(control, "dashboard", ("read",), now=NOW)
    with pytest.raises(UnknownNameError):
        revoke_key(control, "dashbord", now=NOW)
    assert [entry.action for entry in entries(control)] == ["key added", "key revoked"]


def test_totals_keep_their_digits_in_the_control_store(tmp_path: Path) -> None:
    desk = Desk.at(tmp_path)
    landing = desk.land(days(MAY, 3, "0.123456789012345678901"))
    (held,) = current(desk.books.control)
    assert held.totals == landing.totals
    desk.books.close()


def test_nothing_done_while_reading_is_kept_and_only_writing_counts(control: Control) -> None:
    before = control.changes
    with control.read() as connection:
        connection.execute(METADATA.tables["meta"].insert().values(key="a", value="b"))
    assert control.remembered("a") is None
    assert control.changes == before
    control.remember("a", "c")
    assert control.changes == before + 1
    with pytest.raises(UserError), control.begin():
        raise UserError("no")
    assert control.changes == before + 2
