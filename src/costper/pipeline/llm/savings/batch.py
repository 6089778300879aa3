"""What calls that nobody waits for would have cost as batches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from costper.economics.call_savings import Span, summed
from costper.pipeline.llm.chosen import told_as
from costper.pipeline.llm.savings.case import Case
from costper.pipeline.llm.savings.models import Priced, Skipped
from costper.pipeline.llm.savings.observed import Group, evidence
from costper.pipeline.llm.savings.priced import Prices, now_total
from costper.pipeline.llm.savings.route import Target
from costper.rating.fitness import uncached
from costper.rating.price import price_of_parts

BATCH = "batch"
SLOW = ("batch", "flex")
ASSUMES = (
    "nobody waits for these answers: a batch may take a day",
    "caches are hit in batches as observed; at the most it costs, not at all",
)


def batches(
    prices: Prices, groups: Sequence[Priced], features: Collection[str]
) -> tuple[list[Case], list[Skipped]]:
    """Reckon calls that can wait at batch prices.

    Those are of service accounts, of the features named, and of features people's calls of which
    were served slowly before.
    """
    slow = {it.feature for it, _ in groups if it.tier in SLOW and not it.account}
    waiting: dict[tuple[str, Target], list[Priced]] = {}
    for group, cost in groups:
        waits = group.account or told_as(group.feature) in features or group.feature in slow
        if group.tier in SLOW or not waits:
            continue
        of = f"service account {group.account}" if group.account else told_as(group.feature)
        waiting.setdefault((of, Target(group.provider, group.model)), []).append((group, cost))
    cases: list[Case] = []
    skipped: list[Skipped] = []
    for (of, model), own in waiting.items():
        would = _would([group for group, _ in own], prices)
        if would is None:
            skipped.append(Skipped(of, f"{model} as batch", "it has no batch price"))
            continue
        cases.append(
            Case(
                lever="batch",
                of=of,
                model=str(model),
                to=BATCH,
                now=now_total(own),
                would=would,
                assumes=tuple(_assumes(own, features)),
                evidence=evidence(group for group, _ in own),
            )
        )
    return cases, skipped


def _would(groups: Sequence[Group], prices: Prices) -> Span | None:
    parts: list[Span] = []
    for group in groups:
        rates = prices.set_of(group, Target(group.provider, group.model), BATCH)
        if rates is None:
            return None
        likely, cold = (
            price_of_parts(counts, rates) for counts in (group.parts, uncached(group.parts))
        )
        if likely is None or cold is None:
            return None
        parts.append(Span(likely, likely, max(likely, cold)))
    return summed(parts)


def _assumes(own: Sequence[Priced], features: Collection[str]) -> Iterator[str]:
    account, feature = own[0][0].account, told_as(own[0][0].feature)
    if account:
        yield f"{account} is a program"
    elif feature in features:
        yield f"{feature} was said to wait"
    else:
        yield f"{feature} waits already: some of its calls were served as batch or flex"
    yield ASSUMES[0]
    if any(group.cache_read_tokens for group, _ in own):
        yield ASSUMES[1]
