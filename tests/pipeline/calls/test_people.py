"""What settings and files say of people becomes what the doorkeeper knows."""

from datetime import date
from pathlib import Path

import pytest
from tests.pipeline.calls.people_world import PEPPER, people_books

from costper.errors import SettingError
from costper.events.event import Event
from costper.identity import ALWAYS
from costper.pipeline.calls.people import customers_ever, day_us, doorkeeper, known_people

SEPTEMBER = day_us(date(2026, 9, 1))
SECTION = """\
llm:
  aliases: {auth0|123: jane}
  tenants: {T1: Acme, t2: {2026-09-01: globex, 2026-01-01: acme}}
  service_accounts: {nightly: {customer: Acme, ids: bot-7}}
"""


def test_settings_become_what_the_doorkeeper_knows(tmp_path: Path) -> None:
    keeper = doorkeeper(people_books(tmp_path, SECTION), environment=PEPPER)
    known = keeper.identities
    assert known.tenants["t1"] == ((ALWAYS, "acme"),)
    assert known.tenants["t2"] == ((SEPTEMBER, "globex"), (day_us(date(2026, 1, 1)), "acme"))
    event = Event(user_id="bot-7", timestamp=SEPTEMBER)
    assert keeper.admit(event) == ""
    assert (event.service_account, event.customer_id) == ("nightly", "acme")
    assert known.user_id("auth0|123") == known.user_id("jane")


def test_tenants_and_aliases_may_stand_in_files(tmp_path: Path) -> None:
    books = people_books(
        tmp_path,
        "llm: {tenants: {file: tenants.csv}, aliases: {file: aliases.csv}}",
        tenants="Tenant,valid_from,customer\nT1,,Acme\nt1,2026-09-01,globex\n",
        aliases="alias,user\nauth0|123,jane\n",
    )
    known = known_people(books, environment=PEPPER)
    assert known.tenants == {"t1": ((SEPTEMBER, "globex"), (ALWAYS, "acme"))}
    assert known.user_id("auth0|123") == known.user_id("jane")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tenant,client\nt1,acme\n", "tenants.csv:1: no column 'customer'"),
        ("tenant,customer\nt1,\n", "tenants.csv:2: a name is missing"),
        ("tenant,customer,valid_from\nt1,a,soon\n", "tenants.csv:2: valid_from is no day"),
        ("tenant,customer\nt1,a\nT1,b\n", "tenants.csv:3: the tenant has a customer"),
        ('tenant,customer\n"t1,a\n', "tenants.csv: cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(text: str, told: str, tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {tenants: {file: tenants.csv}}", tenants=text)
    with pytest.raises(SettingError) as refused:
        known_people(books, environment=PEPPER)
    assert str(refused.value).startswith(told)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    books = people_books(tmp_path, "llm: {aliases: {file: nobody.csv}}")
    with pytest.raises(SettingError, match=r"nobody\.csv: cannot be read: No such file"):
        known_people(books, environment=PEPPER)


def test_every_customer_a_tenant_ever_had_is_remembered(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    doorkeeper(books, environment=PEPPER)
    books.close()
    books = people_books(tmp_path, "llm: {tenants: {t1: initech}}")
    doorkeeper(books, environment=PEPPER)
    ever = customers_ever(books)
    assert ever["tenant:t1"] == {"acme", "initech"}
    assert ever["tenant:t2"] == {"acme", "globex"}
    assert ever["account:nightly"] == {"acme"}


def test_opening_the_door_again_changes_nothing(tmp_path: Path) -> None:
    books = people_books(tmp_path, SECTION)
    doorkeeper(books, environment=PEPPER)
    before = books.control.changes
    doorkeeper(books, environment=PEPPER)
    assert books.control.changes == before
