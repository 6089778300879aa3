"""What people are told: where, what and what to do, all at once."""

from pathlib import Path

import pytest
from tests.config.world import CATALOGUE, DRIVERS, GOLDEN, read, texts

from costper.config.load import load_settings
from costper.errors import SettingError

FAULTS = {
    "- {rule: r, driver: by_quantty}": (
        "costper.yaml:8: unknown driver 'by_quantty'\n  hint: did you mean 'by_quantity'?"
    ),
    "- {rule: r, driver: even, fallback: evn}": (
        "costper.yaml:8: unknown fallback 'evn'\n  hint: did you mean 'even'?"
    ),
    "- {rule: r, driver: even, to: custmer}": (
        "costper.yaml:8: unknown dimension 'custmer'\n  hint: did you mean 'customer'?"
    ),
    "- {rule: r, driver: by_quantity, quantity: request}": (
        "costper.yaml:8: unknown metric 'request'\n  hint: did you mean 'requests'?"
    ),
    "- {rule: r, driver: by_quantity, quantity: requests, on: [servce]}": (
        "costper.yaml:8: unknown dimension 'servce'\n  hint: did you mean 'service'?"
    ),
    "- {rule: r, driver: even, match: {servic: x}}": (
        "costper.yaml:8: unknown field 'servic'\n  hint: did you mean 'service'?"
    ),
    "- {rule: r, driver: even, mach: {service: x}}": (
        "costper.yaml:8: unknown key 'mach'\n  hint: did you mean 'match'?"
    ),
    "- {rule: r, driver: even, match: {service: {nt: x}}}": (
        "costper.yaml:8: allocation[1].match.service: needs present, absent, a value, [values] "
        "or {not: [values]}"
    ),
    "- {rule: r, driver: even, match: {service: ''}}": (
        "costper.yaml:8: allocation[1].match.service: an empty value matches nothing; say absent"
    ),
    "- {rule: r, driver: even, match: {service: []}}": (
        "costper.yaml:8: allocation[1].match.service: needs present, absent, a value, [values] "
        "or {not: [values]}"
    ),
    "- {rule: r, driver: even, stage: first}": (
        "costper.yaml:8: allocation[1].stage: needs a whole number, not 'first'\n"
        "  hint: Later stages start from what earlier ones carried; 1 starts from the bill"
    ),
    "- {rule: r, driver: even, stage: 2, match: {account: 1}}": (
        "costper.yaml:8: a rule of stage 2 cannot ask for 'account': carried cost does not know "
        "it\n  hint: use a dimension, source or charge_category"
    ),
    "- {rule: r, driver: by_cost, base: {resource: x}}": (
        "costper.yaml:8: base cannot ask for 'resource': carried cost does not know it\n"
        "  hint: use a dimension, source or charge_category"
    ),
    "- {rule: r, driver: fixed, shares: {a: 33.3, b: 33.3, c: 33.3}}": (
        "costper.yaml:8: shares add up to 99.9, not to 100\n  hint: add 0.1"
    ),
    "- {rule: r, driver: fixed, shares: {a: 50, A: 50}}": (
        "costper.yaml:8: two shares for 'a'\n  hint: capitals and spaces do not tell targets apart"
    ),
    "- {rule: r, driver: fixed, shares: {a: NaN}}": (
        "costper.yaml:8: allocation[1].shares.a: needs a number, not 'NaN'"
    ),
    "- {rule: r, driver: by_quantity}": (
        "costper.yaml:8: by_quantity needs 'quantity'\n"
        "  hint: For by_quantity: the metric (or measurements source) that weighs."
    ),
    "- {rule: r, driver: even, quantity: requests}": (
        "costper.yaml:8: 'quantity' means nothing to even\n"
        "  hint: leave it out, or use driver: by_quantity"
    ),
    "- {rule: r, driver: even, fallback: even}": (
        "costper.yaml:8: even cannot fall back on itself\n"
        "  hint: leave it out, or name another driver"
    ),
    "- {rule: r}": (
        "costper.yaml:8: allocation[1]: 'driver' is missing\n  hint: How a charge is divided"
    ),
    "- r": "costper.yaml:8: allocation[1]: needs `name: value` lines, not 'r'",
    "- {rule: r, driver: even}\n- {rule: r, driver: direct}": (
        "costper.yaml:9: two rules are called 'r'\n"
        "  hint: the first stands at costper.yaml:8; give each its own name"
    ),
}
SECTIONS = {
    "settle_days: two": (
        "costper.yaml:2: settle_days: needs a whole number, not 'two'\n"
        "  hint: Days until a day's cost is final enough to compare"
    ),
    "timezone: Europe/Berln": (
        "costper.yaml:2: unknown timezone 'Europe/Berln'\n  hint: did you mean 'Europe/Berlin'?"
    ),
    "timezone: ../../etc/passwd": (
        "costper.yaml:2: unknown timezone '../../etc/passwd'\n"
        "  hint: a name such as UTC, Europe/Berlin or America/New_York"
    ),
    "cost_of_record: efective_cost": (
        "costper.yaml:2: cost_of_record: unknown value 'efective_cost'\n"
        "  hint: did you mean 'effective_cost'?"
    ),
    "soruces: {}": "costper.yaml:2: unknown key 'soruces'\n  hint: did you mean 'sources'?",
    "sources: [a]": (
        "costper.yaml:2: sources: needs `name: …` lines\n  hint: or leave the section out"
    ),
    "allocation: {rule: r}": (
        "costper.yaml:2: allocation: needs a list\n"
        "  hint: - {rule: shared database, match: {service: shared-db}, driver: even}"
    ),
    "sources: {b: {type: bils, path: x}}": (
        "costper.yaml:2: unknown source type 'bils'\n  hint: did you mean 'bills'?"
    ),
    "sources: {b: {type: bills, pth: x}}": (
        "costper.yaml:2: sources.b: 'path' is missing\n  hint: Where the files lie"
    ),
    "sources: {b: {path: x}}": (
        "costper.yaml:2: b: 'type' is missing\n  hint: known: bills, csv, service"
    ),
    "sources: {b: bills}": ("costper.yaml:2: b: needs a type and settings\n  hint: b: {type: …}"),
    "sources: {B b: {type: bills, path: x}}": (
        "costper.yaml:2: 'B b' cannot name a source\n"
        "  hint: small letters, digits, _ and -, a letter first, at most 63"
    ),
    "sources: {b: {type: bills, path: {a: b}}}": (
        "costper.yaml:2: sources.b.path: needs text, not `name: value` lines\n"
        "  hint: Where the files lie"
    ),
    "sources: {b: {type: bills, path: x, sheet: 0}}": (
        "costper.yaml:2: sources.b.sheet: must be greater than or equal to 1, not '0'"
    ),
    "customers: {type: bills, path: x}": (
        "costper.yaml:2: type 'bills' reads bill, not what is wanted here\n  hint: known: csv"
    ),
    "metrics: {dau: {source: amplitude}}": (
        "costper.yaml:2: unknown measurements source 'amplitude'\n  hint: none is declared yet"
    ),
    "sources: {requests: {type: csv, path: x, dimensions: {custmer: a}}}": (
        "costper.yaml:2: unknown dimension 'custmer'\n  hint: did you mean 'customer'?"
    ),
    "sources: {web: {type: csv, path: x, values: {hits: a, bytes: b}}}\nmetrics: {web: {}}": (
        "costper.yaml:3: web measures several numbers, and none is called 'web'\n"
        "  hint: known: bytes, hits"
    ),
    (
        "sources: {web: {type: csv, path: x, dimensions: {service: s}}}\n"
        "allocation: [{rule: r, driver: by_quantity, quantity: web}]"
    ): (
        "costper.yaml:3: 'web' is not measured by customer\n"
        "  hint: add customer to the dimensions of its source"
    ),
    "store: {memory_limit_gib: lots}": (
        "costper.yaml:2: store.memory_limit_gib: needs a whole number, not 'lots'\n"
        "  hint: Memory the engine may use, in GiB; more is spilled to disk"
    ),
    "margins: {watch_percent: 12}": (
        "costper.yaml:2: margins: watch_percent must not be above problem_percent"
    ),
    "margins: {problem_percent: 0}": (
        "costper.yaml:2: margins.problem_percent: must be greater than 0, not '0'\n"
        "  hint: Above so many percent it is a problem"
    ),
    "working_hours: {start: 9, end: 9}": (
        "costper.yaml:2: working_hours: end (9) must come after start (9)\n"
        "  hint: hours of one day, such as 8 and 19"
    ),
    "working_hours: {days: [monday]}": (
        "costper.yaml:2: working_hours.days[1]: unknown value 'monday'\n  hint: did you mean 'mon'?"
    ),
    "dimensions: {team: {form: tags.team}}": (
        "costper.yaml:2: unknown key 'form'\n  hint: did you mean 'from'?"
    ),
    "dimensions: {team: {from: tag.team}}": (
        "costper.yaml:2: unknown field 'tag.team'\n  hint: did you mean 'tags.team'?"
    ),
    "dimensions: {team: {from: [acount]}}": (
        "costper.yaml:2: unknown field 'acount'\n  hint: did you mean 'account'?"
    ),
    "dimensions: {team: {rules: [{where: {acount: 1}, value: x}]}}": (
        "costper.yaml:2: unknown field 'acount'\n  hint: did you mean 'account'?"
    ),
    "dimensions: {Team: {from: tags.team}}": (
        "costper.yaml:2: 'Team' cannot name a dimension\n"
        "  hint: small letters, digits and _, a letter first, at most 40"
    ),
    "dimensions: {day: {from: tags.day}}": (
        "costper.yaml:2: 'day' cannot name a dimension: the books have a column of that name\n"
        "  hint: call it day_name, for example"
    ),
}


@pytest.mark.parametrize(("rule", "told"), FAULTS.items())
def test_a_faulty_rule_is_told_with_its_line(tmp_path: Path, rule: str, told: str) -> None:
    assert told in texts(read(tmp_path, f"{GOLDEN}{rule}\n"))


@pytest.mark.parametrize(("section", "told"), SECTIONS.items())
def test_a_faulty_section_is_told_with_its_line(tmp_path: Path, section: str, told: str) -> None:
    assert told in texts(read(tmp_path, f"currency: USD\n{section}\n"))


def test_all_faults_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOLDEN.replace("path: usage", "pth: usage") + (
        "- {rule: one, driver: by_quantty}\n"
        "- {rule: two, driver: even, match: {service: []}, to: custmer}\n"
        "settle_days: -1\n"
    )
    lines = [issue.where for issue in read(tmp_path, text).issues]
    assert lines == [f"costper.yaml:{line}" for line in (5, 5, 8, 9, 9, 10)]


def test_loading_raises_one_error_that_names_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "costper.yaml"
    path.write_text(f"{GOLDEN}- {{rule: a, driver: x}}\n- {{rule: b, driver: evn}}\n")
    with pytest.raises(SettingError) as caught:
        load_settings(path, catalogue=CATALOGUE, drivers=DRIVERS, environment={})
    assert caught.value.where == "costper.yaml:8"
    assert str(caught.value) == (
        "costper.yaml:8: unknown driver 'x'\n"
        "  hint: known: by_cost, by_quantity, by_seats, direct, even, fixed\n"
        "costper.yaml:9: unknown driver 'evn'\n"
        "  hint: did you mean 'even'?"
    )


def test_a_file_that_is_not_there_is_told_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="there is no such file\n  hint: `costper init`"):
        load_settings(tmp_path / "no.yaml", catalogue=CATALOGUE, drivers=DRIVERS, environment={})


def test_more_than_twenty_dimensions_are_refused(tmp_path: Path) -> None:
    many = "".join(f"  d{number}: {{from: tags.d{number}}}\n" for number in range(17))
    told = texts(read(tmp_path, f"currency: USD\ndimensions:\n{many}"))
    assert told == [
        (
            "costper.yaml:3: 21 dimensions; at most 20 are kept\n"
            "  hint: customer, team, service and environment are among them"
        )
    ]


def test_nothing_is_carried_to_words_that_stand_for_nobody(tmp_path: Path) -> None:
    text = (
        GOLDEN + "  - rule: split\n    driver: fixed\n    shares:\n      acme: 40\n"
        '      (unallocated): 20\n      "": 20\n      (Untagged): 20\n'
        '  - {rule: even, driver: even, targets: [acme, "(shared)"]}\n'
    )
    first = GOLDEN.count("\n") + 5
    said = texts(read(tmp_path, text))
    for line, word in enumerate(("(unallocated)", "", "(Untagged)"), start=first):
        assert f"costper.yaml:{line}: cost cannot be carried to {word!r}" in "\n".join(said)
    assert f"costper.yaml:{first + 3}: cost cannot be carried to '(shared)'" in "\n".join(said)
    assert len(said) == 4
