"""Laws of the settings: any text gives settings or issues, and what is right comes back whole."""

import tempfile
from decimal import Decimal
from pathlib import Path

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.config.world import DRIVERS, GOLDEN, good, read

from costper.config.dimensions import RESERVED
from costper.config.lines import parse, plain
from costper.model.allocation import Match, Rule
from costper.model.dimension import BUILT_IN, normal
from costper.model.money import total

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True).filter(lambda it: it not in RESERVED)
WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]), min_size=1
)
NORMAL = WORDS.map(normal).filter(lambda word: bool(word) and normal(word) == word)
PIECES = st.sampled_from(
    [
        *"\n\n\n  -:[]{}#&*!|>'\"%@`,?\t",
        *(
            "a",
            "on",
            "null",
            "~",
            "1",
            "${A}",
            "$${",
            "---\n",
            "...\n",
            "<<: ",
            "&x ",
            "*x",
            "!!set ",
        ),
        *(
            "currency: USD\n",
            "allocation:\n",
            "- {rule: r, driver: even}\n",
            "sources:\n",
            "include: ",
        ),
        *(
            "dimensions: ",
            "metrics: ",
            "store: ",
            "match: ",
            "shares: ",
            "type: csv",
            "stage: ",
            "9" * 40,
        ),
    ]
)


@given(st.text() | st.lists(PIECES).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_settings_or_issues(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = read(Path(folder), text.encode(errors="ignore").decode(), {"A": "x"})
    assert bool(outcome.items) != bool(outcome.issues)
    assert all(issue.where.startswith("costper.yaml") for issue in outcome.issues)


@given(st.lists(PIECES).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_rules_are_settings_or_issues(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = read(Path(folder), f"{GOLDEN}{text}", {"A": "x"})
    assert bool(outcome.items) != bool(outcome.issues)


@settings(deadline=None)
@given(st.recursive(WORDS, lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner)))
def test_what_a_program_writes_is_read_back(value: object) -> None:
    text = yaml.safe_dump({"value": value}, allow_unicode=True, default_style='"')
    text = text.replace("!!str ", "")
    node, issues = parse(text, "f")
    assert issues == ()
    assert node is not None
    assert plain(node) == {"value": value}


@st.composite
def shares(draw: st.DrawFn) -> dict[str, Decimal]:
    """Draw percentages of distinct targets that add up to exactly 100."""
    targets = draw(st.lists(NORMAL, min_size=1, max_size=6, unique=True))
    cents = st.integers(0, 10**6)
    cuts = sorted(draw(st.lists(cents, min_size=len(targets) - 1, max_size=len(targets) - 1)))
    ends = [Decimal(cut).scaleb(-4) for cut in (0, *cuts, 10**6)]
    return {target: high - low for target, low, high in zip(targets, ends, ends[1:], strict=False)}


@st.composite
def matches(draw: st.DrawFn) -> Match:
    """Draw a condition on a dimension."""
    key = draw(st.sampled_from(BUILT_IN))
    if draw(st.booleans()):
        return Match(key=key, present=draw(st.booleans()))
    values = draw(st.lists(NORMAL, min_size=1, unique=True))
    return Match(key=key, values=tuple(values), negated=draw(st.booleans()))


@st.composite
def rules(draw: st.DrawFn, name: str) -> Rule:
    """Draw a rule that makes sense."""
    driver = draw(st.sampled_from(DRIVERS))
    found = draw(st.lists(matches(), unique_by=lambda match: match.key))
    return Rule(
        name=name,
        driver=driver,
        match=tuple(found),
        to=draw(st.sampled_from(BUILT_IN)),
        stage=draw(st.integers(1, 9)),
        quantity="requests" if driver == "by_quantity" else "",
        on=draw(st.none() | st.just(("service",))) if driver == "by_quantity" else None,
        shares=draw(shares()) if driver == "fixed" else {},
        fallback="unallocated" if driver == "even" else "even",
    )


def written(rule: Rule) -> dict[str, object]:
    """Give a rule as a person would write it."""
    fields: dict[str, object] = {
        "rule": rule.name,
        "driver": rule.driver,
        "to": rule.to,
        "stage": rule.stage,
        "match": {match.key: condition(match) for match in rule.match},
        "fallback": rule.fallback,
    }
    if rule.quantity:
        fields["quantity"] = rule.quantity
    if rule.on is not None:
        fields["on"] = list(rule.on)
    if rule.shares:
        fields["shares"] = {target: str(share) for target, share in rule.shares.items()}
    return fields


def condition(match: Match) -> object:
    """Give a condition as a person would write it."""
    if match.present is not None:
        return "present" if match.present else "absent"
    return {"not": list(match.values)} if match.negated else list(match.values)


@given(st.data(), st.lists(NAMES, unique=True, max_size=5))
@settings(max_examples=60, deadline=None)
def test_right_rules_come_back_as_they_were_meant(data: st.DataObject, names: list[str]) -> None:
    meant = [data.draw(rules(name)) for name in names]
    assert all(total(list(rule.shares.values())) in {0, 100} for rule in meant)
    text = {
        "currency": "USD",
        "sources": {
            "requests": {"type": "csv", "path": "x", "dimensions": dict.fromkeys(BUILT_IN, "c")}
        },
        "allocation": [written(rule) for rule in meant],
    }
    with tempfile.TemporaryDirectory() as folder:
        found = good(Path(folder), yaml.safe_dump(text, allow_unicode=True, sort_keys=False))
    assert [blank(rule) for rule in found.allocation] == [blank(rule) for rule in meant]
    assert len({rule.version for rule in found.allocation}) == len(meant)


def blank(rule: Rule) -> tuple[object, ...]:
    """Give what a rule says, without its version and line."""
    fields = ("name", "driver", "match", "to", "stage", "quantity", "on", "shares", "fallback")
    return tuple(getattr(rule, field) for field in fields)
