"""A month is allocated again for what its rules divide by, not for every metric."""

from datetime import date
from pathlib import Path

from tests.pipeline.measured_world import CONFIG, PEAKS, USERS, Measured, measured

from costper.pipeline.defined import definition_of
from costper.pipeline.months import due_months

RULE = """
allocation:
  - {rule: by users, match: {service: present}, to: region, driver: by_quantity,
     quantity: daily_active_users}
"""
SUMMED = CONFIG.replace("kind: active_users}", "kind: count}", 1)


def states(world: Measured) -> set[str]:
    definition = definition_of(world.books.settings)
    return {due.state for due in due_months(world.books, definition)}


def applied(root: Path, config: str) -> None:
    with measured(root, config) as world:
        world.sync()
        world.apply()
        assert states(world) == {"unchanged"}


def test_new_values_of_a_metric_no_rule_divides_by_allocate_nothing(tmp_path: Path) -> None:
    applied(tmp_path, CONFIG)
    with measured(tmp_path) as world:
        world.write("peaks", [*PEAKS, "2026-11-03,1,1"])
        world.write("users", [*USERS, "2026-11-05,1,,us"])
        world.sync()
        assert states(world) == {"unchanged"}


def test_a_new_month_is_allocated_whatever_measures_it(tmp_path: Path) -> None:
    applied(tmp_path, CONFIG)
    with measured(tmp_path) as world:
        world.write("peaks", [*PEAKS, "2026-12-03,1,1"])
        world.sync()
        known = {
            due.month: due.state
            for due in due_months(world.books, definition_of(world.books.settings))
        }
        assert known[date(2026, 12, 1)] in {"new", "unchanged"}


def test_changing_or_renaming_such_a_metric_allocates_nothing(tmp_path: Path) -> None:
    applied(tmp_path, CONFIG)
    other = CONFIG.replace("aggregation: min", "aggregation: last")
    for config in (other, CONFIG.replace("daily_active_users:", "people:")):
        with measured(tmp_path, config) as world:
            assert states(world) == {"unchanged"}


def test_what_a_rule_divides_by_allocates_its_months_again(tmp_path: Path) -> None:
    applied(tmp_path, CONFIG + RULE)
    with measured(tmp_path, CONFIG + RULE) as world:
        world.write("peaks", [*PEAKS, "2026-11-03,1,1"])
        world.sync()
        assert states(world) == {"unchanged"}
        world.write("users", [*USERS, "2026-11-05,1,,us"])
        world.sync()
        assert "changed" in states(world)


def test_a_metric_whose_days_add_up_is_kept_for_cost_per_unit(tmp_path: Path) -> None:
    with measured(tmp_path, SUMMED) as world:
        assert set(definition_of(world.books.settings).metrics) == {"daily_active_users"}
    with measured(tmp_path, CONFIG + RULE) as world:
        assert set(definition_of(world.books.settings).metrics) == {"daily_active_users"}
    with measured(tmp_path) as world:
        assert definition_of(world.books.settings).metrics == {}
