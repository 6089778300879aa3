"""A right file becomes the settings it says."""

from decimal import Decimal
from pathlib import Path

from tests.config.world import GOLDEN, Bills, good, read, texts

from costper.model.allocation import Match, Rule
from costper.model.dimension import BUILT_IN, Dimension, When

INTERFACES = """\
organisation: Acme
currency: USD
timezone: UTC
dimensions:
  customer:    {from: [tags.customer, tags.Cust], aliases: {Acme-Inc: ACME}}
  team:        {from: [tags.team]}
  service:     {from: [tags.service]}
  environment: {from: [tags.environment, tags.env], aliases: {prod: production, qa: Quality}}
sources:
  bill:     {type: bills, path: bills/*.csv}
  requests: {type: csv, path: usage.csv, dimensions: {customer: customer_id, service: service}}
metrics:
  daily_active_users: {source: requests, unit: user, aggregation: average, group_by: [plan]}
customers: {type: csv, path: customers.csv}
allocation:
  - {rule: dedicated,       match: {customer: present}, driver: direct}
  - {rule: shared database, match: {service: [shared-db, shared-cache, cdn]}, to: customer,
     driver: by_quantity, quantity: requests}
"""


def test_a_whole_file_is_read(tmp_path: Path) -> None:
    text = INTERFACES.replace("  team: ", "  plan:        {from: tags.plan}\n  team: ")
    settings = good(tmp_path, text)
    assert (settings.organisation, settings.currency, settings.settle_days) == ("Acme", "USD", 2)
    assert settings.dimension_names == (*BUILT_IN, "plan")
    assert [one.name for one in settings.sources] == ["bill", "requests"]
    assert settings.sources[0].settings == Bills(path="bills/*.csv")
    assert settings.sources[0].where == "costper.yaml:11"
    assert settings.customers is not None
    assert [one.kind for one in settings.declared()] == ["bill", "measurements", "customers"]
    assert [rule.where for rule in settings.allocation] == ["costper.yaml:17", "costper.yaml:18"]
    assert settings.store_path == tmp_path / ".costper"


def test_the_smallest_file_has_defaults_for_the_rest(tmp_path: Path) -> None:
    settings = good(tmp_path, "currency: EUR\nallocation:\nsources:\n")
    assert settings.timezone == settings.working_hours.timezone == "UTC"
    assert settings.cost_of_record == "effective_cost"
    assert settings.dimensions[0] == Dimension(name="customer", fields=("tags.customer",))
    assert settings.dimensions[2].fields == ("tags.service", "service_name")
    assert settings.dimensions[3].aliases["stg"] == "staging"
    assert settings.working_hours.holds(0, 8)
    assert not settings.working_hours.holds(0, 19)
    assert not settings.working_hours.holds(5, 12)
    assert settings.margins.watch_percent == Decimal(8)
    assert settings.margins.problem_percent == Decimal(10)


def test_the_bands_of_margins_are_read_exactly(tmp_path: Path) -> None:
    section = "margins: {watch_percent: 7.5, cost: service = ai, apart: robot}"
    settings = good(tmp_path, f"currency: EUR\n{section}\n")
    assert settings.margins.watch_percent == Decimal("7.5")
    assert (settings.margins.cost, settings.margins.apart) == ("service = ai", ("robot",))


def test_dimensions_are_in_the_form_values_are_compared_in(tmp_path: Path) -> None:
    settings = good(tmp_path, INTERFACES.replace(", group_by: [plan]", ""))
    customer, environment = settings.dimensions[0], settings.dimensions[3]
    assert customer.fields == ("tags.customer", "tags.cust")
    assert customer.aliases == {"acme-inc": "acme"}
    assert environment.aliases["prd"] == "production"
    assert environment.aliases["qa"] == "quality"


def test_explicit_lines_of_a_dimension_need_no_fields(tmp_path: Path) -> None:
    text = (
        "currency: USD\ndimensions:\n  team:\n    rules:\n"
        "      - {where: {account: 1234, service_name: 'Amazon RDS*', tags.X: [y, Z]}, "
        "value: Platform}\n"
    )
    match = {"account": ("1234",), "service_name": ("amazon rds*",), "tags.x": ("y", "z")}
    assert good(tmp_path, text).dimensions[1] == Dimension(
        name="team", fields=(), rules=(When(match=match, value="platform"),)
    )


def test_conditions_are_read_in_every_shape(tmp_path: Path) -> None:
    text = GOLDEN + (
        "- rule: r\n  driver: even\n  match:\n    customer: absent\n    team: Search\n"
        "    service: {not: [a, B*]}\n    tags.Cost-Centre: [present]\n    source: bill\n"
    )
    (rule,) = good(tmp_path, text).allocation
    assert rule.match == (
        Match(key="customer", present=False),
        Match(key="team", values=("search",)),
        Match(key="service", values=("a", "b*"), negated=True),
        Match(key="tags.cost-centre", values=("present",)),
        Match(key="source", values=("bill",)),
    )


def test_every_field_of_a_rule_is_read(tmp_path: Path) -> None:
    text = GOLDEN + (
        "- {rule: r, driver: fixed, to: team, stage: 2, shares: {A: 40.5, b: 59.5}, "
        "targets: [A, b], fallback: by_quantity, quantity: requests, on: [], match: {}}\n"
    )
    (rule,) = good(tmp_path, text).allocation
    assert rule == Rule(
        name="r",
        driver="fixed",
        to="team",
        stage=2,
        quantity="requests",
        on=(),
        shares={"a": Decimal("40.5"), "b": Decimal("59.5")},
        targets=("a", "b"),
        fallback="by_quantity",
        version=rule.version,
        where="costper.yaml:8",
    )


def test_a_version_is_of_what_a_rule_says_not_of_how_it_is_written(tmp_path: Path) -> None:
    def version(rule: str) -> str:
        return good(tmp_path, f"{GOLDEN}- {rule}\n").allocation[0].version

    plain = version("{rule: r, driver: fixed, shares: {a: 50, b: 50}, match: {service: [x, y]}}")
    same = version(
        "{match: {service: [Y, x]}, shares: {b: 50.0, A: 5e1}, driver: fixed, rule: r, stage: 1}"
    )
    other = version("{rule: r, driver: fixed, shares: {a: 40, b: 60}, match: {service: [x, y]}}")
    assert plain == same
    assert plain != other
    assert len(plain) == 12


def test_a_number_no_metric_reads_is_a_summed_metric_of_its_own(tmp_path: Path) -> None:
    text = (
        "currency: USD\nsources:\n  requests: {type: csv, path: a}\n  users: {type: csv, path: b}\n"
        "  web: {type: csv, path: c, values: {hits: h, bytes: b}}\n"
        "  shop: {type: csv, path: d, metric: orders}\n"
        "metrics:\n  dau: {source: users, aggregation: average}\n"
        "  bytes: {source: web, unit: byte}\n"
    )
    found = good(tmp_path, text).metrics
    assert [(one.name, one.source, one.measured, one.aggregation) for one in found] == [
        ("dau", "users", "users", "average"),
        ("bytes", "web", "bytes", "sum"),
        ("requests", "requests", "requests", "sum"),
        ("hits", "web", "hits", "sum"),
        ("orders", "shop", "orders", "sum"),
    ]


def test_a_dimension_that_is_wrong_still_counts_as_declared(tmp_path: Path) -> None:
    text = "currency: USD\ndimensions: {feature: {form: x}}\nallocation:\n"
    told = texts(read(tmp_path, f"{text}- {{rule: r, driver: even, to: feature}}\n"))
    assert told == ["costper.yaml:2: unknown key 'form'\n  hint: did you mean 'from'?"]
