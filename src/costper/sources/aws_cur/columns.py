"""Find the columns of an AWS cost and usage report, whatever spelling its headers use.

The same column is `lineItem/UnblendedCost` in CUR 1.x, `line_item_unblended_cost` in Athena,
Parquet and CUR 2.0, and `savings_plan_savings_plan_a_r_n` is `savingsPlan/SavingsPlanARN`:
letters and digits alone, in lower case, are what they have in common.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from costper.sources.headers import RawColumn

TAG = re.compile(r"resource_?tags[/_.](.+)", re.IGNORECASE)
CATEGORY = re.compile(r"cost_?category[/_.](.+)", re.IGNORECASE)
CATEGORY_PREFIX = "cost_category:"
SPLIT_PARENTS = ("splitlineitemparentresourceid",)
MAPS = frozenset({"resourcetags", "costcategory", "product", "discount", "tags"})
"""CUR 2.0 columns that hold many keys: a MAP in Parquet, a JSON object in CSV."""


@dataclass(frozen=True, slots=True)
class ReportColumns:
    """The raw columns of a report by meaning.

    `plain` is by squashed header, `tags` by the key the tag has in the books, `maps` by
    squashed header.
    """

    plain: Mapping[str, RawColumn]
    tags: Mapping[str, RawColumn]
    maps: Mapping[str, RawColumn]

    def get(self, *names: str) -> RawColumn | None:
        """Give the first of the columns named (as CUR 2.0 spells them) that is there."""
        return next((self.plain[key] for key in map(squashed, names) if key in self.plain), None)


def squashed(header: str) -> str:
    """Reduce a header to what all spellings of it share.

    >>> squashed("savingsPlan/SavingsPlanARN") == squashed("savings_plan_savings_plan_a_r_n")
    True
    """
    return re.sub(r"[^a-z0-9]", "", header.lower())


def tag_key(header: str) -> str | None:
    """Give the tag key a column stands for, None where it is no tag or cost category.

    >>> tag_key("resourceTags/user:team"), tag_key("resource_tags_user_team")
    ('team', 'team')
    >>> tag_key("resourceTags/aws:createdBy"), tag_key("costCategory/env")
    ('aws:createdBy', 'cost_category:env')
    """
    tag = TAG.fullmatch(header)
    if tag:
        return bare_key(tag[1])
    category = CATEGORY.fullmatch(header)
    return CATEGORY_PREFIX + category[1] if category else None


def bare_key(key: str) -> str:
    """Take off the prefix AWS puts before a user's own keys; its own keys keep `aws:`.

    >>> bare_key("user:env"), bare_key("user_env"), bare_key("aws_createdBy")
    ('env', 'env', 'aws:createdBy')
    """
    for prefix in ("user:", "user_"):
        if key.startswith(prefix) and key != prefix:
            return key.removeprefix(prefix)
    return f"aws:{key.removeprefix('aws_')}" if key.startswith("aws_") else key


def report_columns(columns: Iterable[RawColumn]) -> ReportColumns:
    """Sort raw columns by meaning; the first of several with one meaning counts.

    Two tags whose keys differ only by case are two tags.
    """
    plain: dict[str, RawColumn] = {}
    tags: dict[str, RawColumn] = {}
    maps: dict[str, RawColumn] = {}
    for column in columns:
        key = tag_key(column.header)
        short = squashed(column.header)
        if key is not None:
            tags.setdefault(key, column)
        elif short in MAPS:
            maps.setdefault(short, column)
        else:
            plain.setdefault(short, column)
    return ReportColumns(plain, tags, maps)
