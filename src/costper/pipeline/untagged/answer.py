"""The queue of what is untagged: by dimension, how much, the largest places, and the fix."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from costper.economics.coverage import coverage
from costper.economics.currency import size, sum_of
from costper.economics.trend import percent_of, share_of
from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.dimension import Dimension
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.unsaid import unsaid
from costper.pipeline.untagged.read import ZERO, Amount, Group, groups, merged, named
from costper.store.books import Books

LARGEST = 20
HALF = Decimal("0.5")
CHOOSE = "CHOOSE"
"""What stands in a fix where nothing says which value is meant."""

BEGUN_BEFORE = Absent("begun_before")
"""The count of charges that reach into the days, and of which none begins there."""

CUSTOMER = "customer"
TAGS = "tags."
Likely = Mapping[tuple[str, str], Mapping[str, Decimal]]


def untagged_answer(
    books: Books, frame: Frame, *, dimension: str = "", most: int = LARGEST
) -> Answer:
    """Give a row for each dimension that charges can name, the least covered first.

    Raises:
        UnknownNameError: `dimension` is none.
    """
    names = books.settings.dimension_names
    if dimension and dimension not in names:
        raise UnknownNameError("dimension", dimension, names, where="dimension")
    silent = unsaid(books, names)
    asked = [
        one
        for one in books.settings.dimensions
        if one.name not in silent and dimension in {"", one.name}
    ]
    found = merged(groups(books, frame, [one.name for one in asked]))
    rows = [_row(books, frame, one, found, most) for one in asked]
    rows.sort(key=lambda row: -size(row["untagged_cost"]))
    total: Row = {"dimensions": len(rows), "cost": sum_of(one.cost for one in found)}
    return frame.answer({"noun": "untagged", "dimension": dimension}, rows, total)


def _row(
    books: Books, frame: Frame, one: Dimension, found: Sequence[Group], most: int
) -> dict[str, Cell]:
    lacking = [group for group in found if one.name in group.lacks]
    open_ = [group for group in lacking if not (one.name == CUSTOMER and group.divided)]
    order = sorted(open_, key=lambda group: (-size(group.cost), group.place))
    whole = sum_of(group.cost for group in order)
    gross, missing = (sum_of(group.gross for group in many) for many in (found, lacking))
    likely: Likely = {} if one.name == CUSTOMER or not order else named(books, frame, one.name)
    covered = (
        None
        if isinstance(gross, Absent) or isinstance(missing, Absent)
        else coverage(gross, missing)
    )
    return {
        "dimension": one.name,
        "coverage_percent": None if covered is None else covered * 100,
        "untagged_cost": sum_of(group.cost for group in lacking),
        "divided_cost": sum_of(group.cost for group in lacking if group.divided),
        "untagged_charges": _counted(lacking),
        "tag": _tag(one),
        "groups": tuple(_group(one, group, whole, likely) for group in order[:most]),
        "more_groups": max(0, len(order) - most),
    }


def _counted(many: Sequence[Group]) -> int | Absent:
    """Count the charges that begin in the days; 0 beside a cost would deny the fee it is of."""
    count = sum(group.charges for group in many)
    return count if count or not any(group.cost for group in many) else BEGUN_BEFORE


def _group(one: Dimension, group: Group, whole: Amount, likely: Likely) -> Row:
    source, account, account_name, service, resource = group.place
    value, share = _likely(likely.get((source, account), {}))
    return {
        "source": source,
        "account": account,
        "account_name": account_name,
        "service": service,
        "resource": resource,
        "cost": group.cost,
        "share_percent": share_of(group.cost, whole),
        "charges": _counted((group,)),
        "first_seen": group.first,
        "last_seen": group.last,
        "divided": group.divided,
        "likely": value,
        "likely_percent": share,
        "fix_at": f"dimensions.{one.name}.rules",
        "fix": _fix(group, value),
    }


def _likely(values: Mapping[str, Decimal]) -> tuple[str, Cell]:
    """Name what most of the account's tagged cost says, where it is more than half."""
    whole = sum(values.values(), ZERO)
    if not whole:
        return "", None
    value, gross = max(values.items(), key=lambda item: (item[1], item[0]))
    return (value, percent_of(gross, whole)) if gross > whole * HALF else ("", None)


def _fix(group: Group, value: str) -> str:
    """Write the line that would name these charges, as it stands in costper.yaml.

    Text in double quotes is the same in JSON and YAML; `*` and `?` in it stand for any text.
    """
    source, account, _, service, resource = group.place
    said = {"account": account, "service_name": service, "resource": resource}
    where = {name: word for name, word in said.items() if word} or {"source": source}
    words = ", ".join(f"{name}: {_quoted(word)}" for name, word in where.items())
    return f"- {{where: {{{words}}}, value: {_quoted(value) if value else CHOOSE}}}"


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


def _tag(one: Dimension) -> str:
    """Name the first tag the dimension is read from; "" where it is read from none."""
    return next((key.removeprefix(TAGS) for key in one.fields if key.startswith(TAGS)), "")
