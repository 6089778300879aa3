"""What each feature's calls would have cost with another model."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.economics.call_savings import Span, just
from costper.model.money import EXACT
from costper.model.plural import plural
from costper.pipeline.llm.chosen import told_as
from costper.pipeline.llm.savings.case import Case, Lever
from costper.pipeline.llm.savings.observed import Group, evidence, merged
from costper.pipeline.llm.savings.priced import STANDARD, Prices, elsewhere, now_total, tier_at
from costper.pipeline.llm.savings.route import Target
from costper.rating.fitness import alike, known_of, listed_names

Priced = tuple[Group, Decimal]
LEAST_SHARE = Decimal("0.9")
"""A model is listed unasked where it would have cost at most so much of what it cost."""

LEAST_FITTING = Decimal("0.95")
"""And where so much of the calls is short enough for its window."""

MOST_UNASKED = 50
NOT_DEAREST = f"only the {MOST_UNASKED} dearest are compared unasked: choose one with --feature"

SAME_PROVIDER, OTHER_PROVIDER = Decimal(5), Decimal(20)
"""How far tokens are taken to differ, in percent, where nothing is said."""

UNMEASURED = "whether the answers would have been as good is not measured: try it on a sample first"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which models are compared, and how.

    `named` are always shown. `globs` are provider/model patterns to choose from; without any, the
    provider's own models and all in use. `top` are shown of each feature. `percent` is how far
    tokens may differ, None for the usual.
    """

    named: tuple[Target, ...] = ()
    globs: tuple[str, ...] = ()
    top: int = 5
    percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A model somebody asked for that cannot be compared, and why."""

    of: str
    to: str
    reason: str


@dataclass(frozen=True, slots=True)
class Some:
    """Some calls of one model, which `of` names."""

    lever: Lever
    of: str
    model: Target
    calls: Sequence[Priced]


def by_feature(groups: Iterable[Priced]) -> dict[tuple[str, Target], list[Priced]]:
    """Put groups together by feature and model."""
    found: dict[tuple[str, Target], list[Priced]] = {}
    for group, cost in groups:
        model = Target(group.provider, group.model)
        found.setdefault((group.feature, model), []).append((group, cost))
    return found


def used_in(prices: Prices, groups: Iterable[Priced]) -> frozenset[Target]:
    """Give the models that calls were made with, by the names of the list."""
    return frozenset(
        prices.listed(Target(*name)) for name in {(it.provider, it.model) for it, _ in groups}
    )


def other_models(
    prices: Prices, groups: Sequence[Priced], wanted: Wanted
) -> tuple[list[Case], list[Skipped]]:
    """Compare every feature's calls with the models that are wanted."""
    cases: list[Case] = []
    skipped: list[Skipped] = []
    used = used_in(prices, groups)
    every = by_feature(groups)
    dearest = {*sorted(every, key=lambda it: -now_total(every[it]))[:MOST_UNASKED]}
    if len(every) > MOST_UNASKED and (wanted.globs or not wanted.named):
        skipped.append(Skipped(f"{len(every) - MOST_UNASKED} more", "models unasked", NOT_DEAREST))
    for (feature, model), own in every.items():
        of = told_as(feature)
        some = Some("model", of, model, own)
        for target in wanted.named:
            case = case_of(prices, some, target, wanted.percent)
            if isinstance(case, Case):
                cases.append(case)
            else:
                skipped.append(Skipped(of, str(target), case))
        if (wanted.globs or not wanted.named) and (feature, model) in dearest:
            fitting = _spread(cheaper(prices, some, wanted, used), wanted.top)
            found = (case_of(prices, some, it, wanted.percent) for it in fitting)
            cases += [case for case in found if isinstance(case, Case)]
    return cases, skipped


def case_of(
    prices: Prices, some: Some, target: Target, percent: Decimal | None = None
) -> Case | str:
    """Reckon some calls of one model with another; why not, where that cannot be."""
    model, own = some.model, some.calls
    differ = tokens_differ(prices, model, target, percent)
    moved, stay = _fitting_in(prices, own, target)
    groups = [group for group, _ in moved]
    if not groups:
        return f"every call is longer than its window of {_window(prices, target):,} tokens"
    would = elsewhere(prices, groups, target, differ, warm=model.provider == target.provider)
    if would is None:
        return "it has no price for all that was counted"
    assumes = [*_assumes(prices, groups, model, target, differ)]
    if stay:
        many = plural(sum(group.calls for group, _ in stay), "call")
        assumes.append(f"{many} longer than its window of {_window(prices, target):,} tokens stay")
    return Case(
        lever=some.lever,
        of=some.of,
        model=str(model),
        to=str(target),
        now=now_total(own),
        would=would + just(now_total(stay)),
        assumes=tuple(assumes),
        evidence=evidence(group for group, _ in own),
    )


def _window(prices: Prices, target: Target) -> int:
    """Give how long a context a model takes; 0 where nobody says."""
    listed = prices.listed(target)
    return known_of(listed.provider, listed.model).window or 0


def _fitting_in(
    prices: Prices, own: Sequence[Priced], target: Target
) -> tuple[list[Priced], list[Priced]]:
    """Part calls into those a model's window takes, and those that are too long for it."""
    window = _window(prices, target)
    fits = [not window or it[0].longest <= window for it in own]
    return (
        [it for it, fit in zip(own, fits, strict=True) if fit],
        [it for it, fit in zip(own, fits, strict=True) if not fit],
    )


def tokens_differ(
    prices: Prices, model: Target, target: Target, percent: Decimal | None = None
) -> Decimal:
    """Say how far the tokens of two models may differ, in percent; not at all for one model."""
    if prices.listed(model).model == prices.listed(target).model:
        return Decimal(0)
    if percent is not None:
        return percent
    return SAME_PROVIDER if model.provider == target.provider else OTHER_PROVIDER


def _assumes(
    prices: Prices, groups: Sequence[Group], model: Target, target: Target, differ: Decimal
) -> Iterator[str]:
    if differ:
        yield f"tokens as observed; another model counts and answers otherwise: ±{differ:f} %"
        yield UNMEASURED
    else:
        yield "tokens as observed: it is the same model"
    if model.provider != target.provider and any(group.cache_read_tokens for group in groups):
        yield "caches are hit as observed; at the most it costs, not at all"
    slower = {group.tier for group in groups if tier_at(prices, group, target) != group.tier}
    for tier in sorted(slower):
        yield f"{tier} calls at the {STANDARD} price: it has none for {tier}"


def cheaper(prices: Prices, some: Some, wanted: Wanted, used: Collection[Target]) -> list[Target]:
    """Choose models of the same kind that cost less, the one nearest in price first.

    Of models that would have cost the same, the one whose name comes last: mostly the newest.
    """
    groups = [group for group, _ in some.calls]
    today = merged(groups, max(group.day for group in groups))
    globs = wanted.globs or (f"{prices.listed(some.model).provider}/*",)
    pool = {Target(*name) for name in listed_names(prices.catalogue, globs)}
    now = elsewhere(prices, today, some.model, Decimal(0), warm=True)
    if now is None:
        return []
    most = EXACT.multiply(now.likely, LEAST_SHARE)
    found: dict[Decimal, Target] = {}
    for target in sorted(pool if wanted.globs else {*pool, *used}, key=str):
        if prices.same(target, some.model) or target in wanted.named:
            continue
        would = _comparable(prices, today, some.model, target, in_use=target in used)
        if would is not None and would.likely <= most:
            found[would.likely] = target
    return [found[cost] for cost in sorted(found, reverse=True)]


def _spread(found: Sequence[Target], top: int) -> list[Target]:
    """Choose so many, from the nearest in price to the cheapest."""
    if len(found) <= top:
        return [*found]
    last = max(top - 1, 1)
    return [found[place * (len(found) - 1) // last] for place in range(top)]


def _comparable(
    prices: Prices, groups: Sequence[Group], model: Target, target: Target, *, in_use: bool
) -> Span | None:
    """Give what a model would have cost, where it is of the same kind and takes nearly all calls.

    Those it cannot take stay where they are.
    """
    known = known_of(target.provider, target.model)
    if known.withdrawn or (known.window is None and not in_use):
        return None
    day: date = groups[0].day
    own = prices.at((model.provider, model.model, STANDARD, day))
    other = prices.at((target.provider, target.model, STANDARD, day))
    if own is None or other is None or not alike(own.base, other.base):
        return None
    short = [it for it in groups if known.window is None or it.longest <= known.window]
    fitting, every = (sum(it.calls for it in some) for some in (short, groups))
    if fitting < every * LEAST_FITTING:
        return None
    would = elsewhere(prices, short, target, Decimal(0), warm=True)
    long = [it for it in groups if known.window is not None and it.longest > known.window]
    kept = elsewhere(prices, long, model, Decimal(0), warm=True)
    return None if would is None or kept is None else would + kept
