"""The doorkeeper: who is let in, under which id, and at whose cost."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.events.event import Event, Line
from costper.identity import ALWAYS, ANONYMOUS, Account, Doorkeeper, Identities, identities
from costper.identity.hashing import hashed
from costper.identity.memory import Memory

PEPPER = b"a pepper that nobody knows"
SEPTEMBER = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp()) * 1_000_000
KNOWN = identities(
    pepper=PEPPER,
    aliases={"auth0|123": "jane", "google|9": "jane", f"h:{hashed(PEPPER, 'user', 'old')}": "jane"},
    accounts=(
        Account(name="Nightly", customer="ACME", team="Search", ids=("bot-7", "svc@jobs.acme.com")),
        Account(name="indexer", rule="by requests"),
    ),
    tenants={"T1": [(ALWAYS, "Acme"), (SEPTEMBER, "globex")], "t2": [(SEPTEMBER, "initech")]},
)
HASHING = identities(pepper=PEPPER, hash_emails=True)
ADDRESS = "Jane.Doe@acme.com"
FIELDS = {
    "user_id": "userId",
    "anon_id": "anonId",
    "ip_hash": "ipHash",
    "service_account": "serviceAccount",
    "tenant_id": "tenantId",
    "customer_id": "customerId",
    "endpoint_tag": "endpointTag",
    "prompt_version": "promptVersion",
    "team": "team",
    "outcome": "outcome",
}
TIES = ("session_id", "operation_id", "external_request_id")
IDS = st.sampled_from(["", "u1", "auth0|123", "jane", "bot-7", "null", " u1 ", "U1"])


def admitted(keeper: Doorkeeper | None = None, /, **said: str) -> Event:
    event = Event(**said, timestamp=SEPTEMBER)  # type: ignore[arg-type]
    assert (keeper or Doorkeeper(KNOWN)).admit(event) == ""
    return event


def test_a_user_is_kept_as_a_hash() -> None:
    assert admitted(user_id="u1").user_id == hashed(PEPPER, "user", "u1")


def test_all_ids_of_a_user_lead_to_the_one_hash() -> None:
    ids = ("jane", "auth0|123", "google|9", "old", " jane ")
    assert {admitted(user_id=one).user_id for one in ids} == {hashed(PEPPER, "user", "jane")}


@pytest.mark.parametrize(("field", "name"), FIELDS.items())
def test_an_address_is_refused_and_never_repeated(field: str, name: str) -> None:
    event = Event(**{field: ADDRESS}, timestamp=SEPTEMBER)  # type: ignore[arg-type]
    reason = Doorkeeper(KNOWN).admit(event)
    assert reason.startswith(f"{name} looks like an e-mail address")
    assert "acme" not in reason.casefold()


@pytest.mark.parametrize("field", FIELDS)
def test_with_hashing_an_address_is_kept_as_a_hash_only(field: str) -> None:
    event = admitted(Doorkeeper(HASHING), **{field: ADDRESS})
    assert "acme" not in repr(event).casefold()
    kept = event.user_id if field.endswith(("user_id", "anon_id", "ip_hash")) else ""
    assert kept or getattr(event, field).startswith("h:")


def test_with_hashing_an_address_is_one_user_however_it_is_written() -> None:
    keeper = Doorkeeper(HASHING)
    ways = (ADDRESS, ADDRESS.lower(), ADDRESS.replace("@", "%40"))
    assert len({admitted(keeper, user_id=way).user_id for way in ways}) == 1


@pytest.mark.parametrize("known", [KNOWN, HASHING])
@pytest.mark.parametrize(
    ("said", "name"),
    [
        ({"provider": ADDRESS}, "provider"),
        ({"model": f"ft:gpt-5:{ADDRESS}"}, "model"),
        ({"environment": "jane%40acme.com"}, "environment"),
        ({"lines": (Line(model="gpt-5"), Line(model=ADDRESS))}, "lines.model"),
        ({"lines": (Line(model="gpt-5", part=ADDRESS),)}, "lines.part"),
    ],
)
def test_an_address_where_nobody_is_named_is_always_refused(
    known: Identities, said: dict[str, object], name: str
) -> None:
    keeper = Doorkeeper(known)
    for _ in range(2):
        reason = keeper.admit(Event(**said, timestamp=SEPTEMBER))  # type: ignore[arg-type]
        assert reason.startswith(f"{name} looks like an e-mail address")
        assert "acme" not in reason.casefold()


@pytest.mark.parametrize("model", ["x@1.4.2", "claude@20240620", "@cf/meta/llama-3", "größe"])
def test_a_model_with_a_version_is_no_address(model: str) -> None:
    keeper = Doorkeeper(KNOWN)
    assert {admitted(keeper, model=model).model for _ in range(2)} == {model}


@pytest.mark.parametrize("sign", ["\0", "\x1b", "\x7f", "\n"])
@pytest.mark.parametrize(
    "field",
    ["provider", "model", "environment", *sorted(set(FIELDS) - {"user_id", "anon_id", "ip_hash"})],
)
def test_a_name_with_a_control_character_is_refused(field: str, sign: str) -> None:
    event = Event(**{field: f"SECRET{sign}x"}, timestamp=SEPTEMBER)  # type: ignore[arg-type]
    reason = Doorkeeper(KNOWN).admit(event)
    assert "holds a control character" in reason
    assert "SECRET" not in reason


@given(st.sampled_from(["tenant_id", "customer_id", "service_account", "model"]), st.text())
def test_no_name_said_before_changes_how_an_id_is_kept(field: str, before: str) -> None:
    keeper = Doorkeeper(KNOWN)
    for said in ("SECRETVISITOR", "anon\0SECRETVISITOR", "ip\0SECRETVISITOR", before):
        keeper.admit(Event(**{field: said}, timestamp=SEPTEMBER))  # type: ignore[arg-type]
    for field_of, kind in (("anon_id", "anon"), ("ip_hash", "ip"), ("user_id", "user")):
        kept = admitted(keeper, **{field_of: "SECRETVISITOR"}).user_id
        assert kept == hashed(PEPPER, kind, "SECRETVISITOR")  # type: ignore[arg-type]


@pytest.mark.parametrize("field", TIES)
@pytest.mark.parametrize("known", [KNOWN, HASHING])
def test_an_id_that_ties_calls_together_is_hashed_and_never_refused(
    field: str, known: Identities
) -> None:
    event = admitted(Doorkeeper(known), **{field: f"<1-{ADDRESS}>"})
    again = admitted(Doorkeeper(known), **{field: f"<1-{ADDRESS}>"})
    assert getattr(event, field).startswith("h:")
    assert getattr(event, field) == getattr(again, field)


def test_anonymous_visitors_are_a_cohort_of_their_own() -> None:
    visitor, address = admitted(anon_id="7"), admitted(ip_hash="7")
    assert visitor.user_id == hashed(PEPPER, "anon", "7")
    assert address.user_id == hashed(PEPPER, "ip", "7")
    assert (visitor.anon_id, address.anon_id) == (ANONYMOUS, ANONYMOUS)
    assert (visitor.ip_hash, address.ip_hash) == ("", "")
    assert admitted(user_id="7").user_id not in {visitor.user_id, address.user_id}


def test_a_user_who_signed_in_is_no_visitor_any_more() -> None:
    event = admitted(user_id="u1", anon_id="7", ip_hash="8")
    assert (event.user_id, event.anon_id, event.ip_hash) == (admitted(user_id="u1").user_id, "", "")


def test_a_user_called_undefined_is_nobody_but_may_be_a_visitor() -> None:
    assert admitted(user_id="undefined").user_id == ""
    assert admitted(user_id="null", anon_id="7").user_id == hashed(PEPPER, "anon", "7")


@pytest.mark.parametrize(
    "said",
    [
        {"service_account": "nightly"},
        {"service_account": " NIGHTLY "},
        {"service_account": "svc@jobs.acme.com"},
        {"service_account": "nightly", "user_id": "jane", "anon_id": "7"},
        {"user_id": "bot-7"},
        {"user_id": "svc@jobs.acme.com"},
    ],
)
def test_calls_of_a_declared_service_account_land_where_it_says(said: dict[str, str]) -> None:
    event = admitted(None, **said)
    assert (event.service_account, event.user_id, event.anon_id) == ("nightly", "", "")
    assert (event.customer_id, event.team) == ("acme", "search")


def test_an_account_that_a_rule_divides_names_no_customer() -> None:
    event = admitted(service_account="indexer")
    assert (event.service_account, event.customer_id, event.team) == ("indexer", "", "")


def test_a_call_that_names_its_customer_keeps_it() -> None:
    event = admitted(service_account="nightly", customer_id="Globex", team="growth")
    assert (event.customer_id, event.team) == ("globex", "growth")
    assert admitted(tenant_id="t1", customer_id="other").customer_id == "other"


def test_an_account_nobody_declared_is_kept_by_its_name() -> None:
    event = admitted(service_account="Crawler")
    assert (event.service_account, event.customer_id) == ("crawler", "")


@pytest.mark.parametrize(
    ("tenant", "at", "customer"),
    [
        ("t1", SEPTEMBER - 1, "acme"),
        (" T1", SEPTEMBER, "globex"),
        ("t2", SEPTEMBER - 1, ""),
        ("t2", SEPTEMBER, "initech"),
        ("t3", SEPTEMBER, ""),
    ],
)
def test_a_tenant_is_of_the_customer_it_was_of_then(tenant: str, at: int, customer: str) -> None:
    event = Event(tenant_id=tenant, timestamp=at)
    assert Doorkeeper(KNOWN).admit(event) == ""
    assert (event.tenant_id, event.customer_id) == (tenant.strip().lower(), customer)


@settings(max_examples=60)
@given(st.lists(st.fixed_dictionaries({"user_id": IDS, "anon_id": IDS, "tenant_id": IDS})))
def test_what_is_remembered_changes_nothing(told: list[dict[str, str]]) -> None:
    forgetful, long = Doorkeeper(KNOWN, remembered=1), Doorkeeper(KNOWN)
    for said in told:
        fresh = admitted(None, **said)
        assert admitted(forgetful, **said) == admitted(long, **said) == fresh


def test_no_more_is_remembered_than_two_generations() -> None:
    memory: Memory[int] = Memory(10)
    for number in range(1000):
        memory.put(str(number), number)
        assert len(memory.young) + len(memory.old) <= 20
    assert memory.young["999"] == 999


def test_what_is_known_of_people_is_not_shown_by_accident() -> None:
    assert "pepper" not in repr(KNOWN).replace("Identities(", "")
    assert "jane" not in repr(KNOWN)
