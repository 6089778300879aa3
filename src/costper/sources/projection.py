"""Build the SQL that reads each canonical column from the raw columns.

    raw = Raw(columns)                       # columns: tuple[RawColumn, ...] of the sheets
    projection = {
        "billed_cost": money(raw.find("BilledCost")),
        "service_provider_name": first(text(raw.find("ServiceProviderName")),
                                       text(raw.find("ProviderName"))),
        "charge_period_start": instant(raw.find("ChargePeriodStart")),
        "tags": tags(raw.find("Tags")),
    }

Every builder takes a RawColumn or None (then it gives a typed NULL) and looks at the raw type:
text, DOUBLE, DECIMAL, TIMESTAMP, MAP, STRUCT or lists of key and value. What is there but
cannot be read gives NULL, so that landing can tell the row. Expressions are in DuckDB's dialect
and use only what sqlglot carries over to Spark.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from json import dumps

from costper.model.charge import SQL_TYPES, Kind
from costper.model.money import LARGEST_DIGITS, MONEY_SCALE
from costper.model.names import literal, quoted
from costper.sources.headers import RawColumn

NULLS = ("", "NULL", "null", "(null)")
"""Texts that vendors write where they mean nothing."""

INTEGERS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)
READ_AS: dict[Kind, str] = {
    "money": f"DECIMAL({LARGEST_DIGITS + MONEY_SCALE},{MONEY_SCALE})",
    "quantity": SQL_TYPES["quantity"],
}
"""What a number must fit to be read: an amount of 10^12 or more is none."""

EARLIEST, LATEST = "1970-01-01", "2200-01-01"
"""A time from the first to before the second is one; any other cannot be read."""

_THOUSANDS = r"([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?([.][0-9]*)?"
_WRITTEN = rf"^ *[+-]? *[$]? *[+-]?{_THOUSANDS} *$"
_BRACKETED = rf"^ *[(] *[$]? *{_THOUSANDS} *[)] *$"
_ZONE = r"Z|z|UTC|[+-][0-9]{2}:?([0-9]{2})?( [A-Z]{3,5})?"
_ISO = (
    r"^ *[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
    rf"([T ][0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}([.][0-9]+)?)? ?({_ZONE})?)? *$"
)
_SMALL = r"^ *(-?)([0-9])[.]?([0-9]*)[eE]-([0-9]{1,2}) *$"
_DAY = r"^ *([0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2})"
_CLOCK = r"[0-9][T ]([0-9]{1,2}:[0-9:.]+)"
_OFFSET = r":[0-9.:]+ ?([+-])([0-9]{2}):?([0-9]{2})?( [A-Z]{3,5})? *$"
_ZONED = rf":[0-9.:]+ ?({_ZONE}) *$"
_US = r"^ *([0-9]{1,2})/([0-9]{1,2})/([0-9]{4}|[0-9]{2})( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)? *$"
_STRING = r'"(?:[^"\\]|\\.)*"'
_PAIR = rf'\{{\s*"key"\s*:\s*({_STRING})\s*,\s*"value"\s*:\s*({_STRING}|[^"\s,}}]+)\s*\}}'


@dataclass(frozen=True, slots=True)
class Raw:
    """The raw columns of a group of files, found by header without regard to case."""

    columns: Sequence[RawColumn]

    def find(self, *headers: str) -> RawColumn | None:
        """Give the first column whose header is one of these, in the order asked."""
        for wanted in headers:
            exact = [c for c in self.columns if c.header == wanted]
            alike = [c for c in self.columns if c.header.casefold() == wanted.casefold()]
            if exact or alike:
                return (exact or alike)[0]
        return None

    def starting(self, prefix: str) -> list[RawColumn]:
        """Give the columns whose header starts so, without regard to case, in order."""
        return [c for c in self.columns if c.header.casefold().startswith(prefix.casefold())]

    def others(self, used: Iterable[RawColumn | None]) -> list[RawColumn]:
        """Give the columns not among those used: what belongs in `extras`."""
        names = {column.name for column in used if column is not None}
        return [column for column in self.columns if column.name not in names]


def constant(value: str) -> str:
    """Give a text every row has."""
    return literal(value)


def null(kind: Kind) -> str:
    """Give a typed NULL."""
    return f"CAST(NULL AS {SQL_TYPES[kind]})"


def first(*expressions: str) -> str:
    """Give the first of several readings that is not NULL."""
    told = [e for e in expressions if not e.startswith("CAST(NULL AS ")]
    if len(told) < 2:  # noqa: PLR2004 - one reading needs no choice
        return (told or list(expressions))[0]
    return f"coalesce({', '.join(told)})"


def text(raw: RawColumn | None) -> str:
    """Read a text as it is; the null texts of the vendors are NULL."""
    if raw is None:
        return null("text")
    name = quoted(raw.name)
    if raw.sql_type != "VARCHAR":
        return f"CAST({name} AS VARCHAR)"
    return f"CASE WHEN {name} IN {_nulls()} THEN NULL ELSE {name} END"


def trimmed(raw: RawColumn | None) -> str:
    """Read a text without the spaces around it: identifiers, currencies, categories."""
    if raw is None:
        return null("text")
    name = f"trim({_as_text(raw)})"
    return f"CASE WHEN {name} IN {_nulls()} THEN NULL ELSE {name} END"


def named(raw: RawColumn | None) -> str:
    """Read a name that somebody chose, without the spaces around it: only '' is none."""
    return null("text") if raw is None else f"nullif(trim({_as_text(raw)}), '')"


def money(raw: RawColumn | None) -> str:
    """Read an amount: 0.1, 5e-06, `$10,000.00 `, (12.50) for a negative one."""
    return _number(raw, "money")


def quantity(raw: RawColumn | None) -> str:
    """Read a quantity, written like an amount."""
    return _number(raw, "quantity")


def instant(raw: RawColumn | None) -> str:
    """Read a time as UTC: ISO with or without zone, date only, US dates 4/1/25 or 09/01/2023.

    Without a zone it is UTC, an offset is taken off; a zone's name after it, as Kubernetes writes
    (2026-08-01 00:00:00 +0000 UTC), says no more.
    """
    if raw is None:
        return null("instant")
    name = quoted(raw.name)
    if raw.sql_type.startswith(("TIMESTAMP", "DATE")):
        return _sane(f"CAST({name} AS TIMESTAMP)")
    if raw.sql_type != "VARCHAR":
        return null("instant")
    # YYYY-MM-DD, with HH:MM:SS, with Z: nearly every row, and cheap to tell. Only these may
    # go straight to a cast: DuckDB drops an offset there, and reads 4/1/25 as the year 4.
    plain = (
        f"length({name}) IN (10, 19, 20) AND substr({name}, 5, 1) = '-'"
        f" AND substr({name}, 8, 1) = '-' AND substr({name}, 17, 1) IN ('', ':')"
        f" AND substr({name}, 20, 1) IN ('', 'Z')"
        f" AND substr({name}, 1, 4) BETWEEN '{EARLIEST[:4]}' AND '{int(LATEST[:4]) - 1}'"
    )
    return f"CASE WHEN {plain} THEN TRY_CAST({name} AS TIMESTAMP) ELSE {_any_instant(name)} END"


def day_in(raw: RawColumn | None, timezone: str) -> str:
    """Read the day of a time in a zone: one with an offset is moved there, others are in it."""
    local = f"CAST({instant(raw)} AS DATE)"
    if raw is None or timezone == "UTC":
        return local
    moved = f"CAST(({instant(raw)} AT TIME ZONE 'UTC') AT TIME ZONE {literal(timezone)} AS DATE)"
    if raw.sql_type == "TIMESTAMP WITH TIME ZONE":
        return moved
    if raw.sql_type != "VARCHAR":
        return local
    zoned = f"regexp_matches({quoted(raw.name)}, '{_ZONED}')"
    return f"CASE WHEN {zoned} THEN {moved} ELSE {local} END"


def tags(raw: RawColumn | None) -> str:
    """Read tags as a JSON object text, keys and values as they are.

    Takes a JSON object, a JSON list of {"key": …, "value": …}, a MAP, a STRUCT, or a list of
    STRUCT(key, value).
    """
    if raw is None:
        return null("tags")
    name = quoted(raw.name)
    kind = raw.sql_type.casefold()
    if kind.startswith("struct(") and kind.endswith("[]") and '"key"' in kind:
        pairs = f"CASE WHEN {name} IS NOT NULL THEN to_json(map_from_entries({name})) END"
        return f"CAST({pairs} AS VARCHAR)"
    if raw.sql_type != "VARCHAR":
        return json(raw)
    inner = f"regexp_replace({name}, {literal(_PAIR)}, '\\1:\\2', 'g')"
    listed = rf"regexp_replace(regexp_replace({inner}, '^\s*\[', '{{'), '\]\s*$', '}}')"
    return (
        f"CASE WHEN {name} IN {_nulls()} THEN NULL"
        f" WHEN {name} LIKE '[%' THEN {listed} ELSE {name} END"
    )


def json(raw: RawColumn | None) -> str:
    """Read JSON as its text; MAP, STRUCT and lists become JSON."""
    if raw is None:
        return null("json")
    name = quoted(raw.name)
    if raw.sql_type.endswith("[]") or raw.sql_type.startswith(("MAP(", "STRUCT(")):
        return f"CASE WHEN {name} IS NOT NULL THEN CAST(to_json({name}) AS VARCHAR) END"
    return text(raw)


def flag(raw: RawColumn | None) -> str:
    """Read yes or no: true, yes, y, t, 1 in any case; NULL when nothing is said."""
    if raw is None:
        return null("flag")
    if raw.sql_type == "BOOLEAN":
        return quoted(raw.name)
    word = f"lower(trim({_as_text(raw)}))"
    return (
        f"CASE WHEN {word} IN ('true', 't', 'yes', 'y', '1') THEN TRUE"
        f" WHEN {word} IN ('false', 'f', 'no', 'n', '0') THEN FALSE END"
    )


def rounded(raw: RawColumn | None) -> str:
    """Give a condition: this amount has more than 21 decimal places, so reading rounds it."""
    if raw is None or raw.sql_type.endswith("INT") or raw.sql_type == "INTEGER":
        return "FALSE"
    if raw.sql_type.startswith("DECIMAL("):
        scale = int(raw.sql_type.rstrip(")").split(",")[1])
        if scale <= MONEY_SCALE:
            return "FALSE"
    if raw.sql_type in ("DOUBLE", "FLOAT"):
        return _rounded_double(quoted(raw.name), _too_fine(_as_text(raw)))
    return _too_fine(_as_text(raw))


def _rounded_double(name: str, too_fine: str) -> str:
    """A double has 17 digits, so only below 10^-4 can it have more than 21 places."""
    return f"CASE WHEN {name} IS NULL OR abs({name}) >= 0.0001 THEN FALSE ELSE {too_fine} END"


def _too_fine(digits: str) -> str:
    fine = f"CAST(TRY_CAST({digits} AS {SQL_TYPES['money']}) AS DECIMAL(38,37))"
    return (
        f"coalesce(CASE WHEN {digits} LIKE '%e-%' OR {digits} LIKE '%E-%'"
        f" THEN TRY_CAST({digits} AS DECIMAL(38,37)) <> {fine}"
        f" WHEN length({digits}) > {MONEY_SCALE + 1}"
        rf" THEN regexp_matches({digits}, '\.[0-9]{{{MONEY_SCALE}}}[0-9]*[1-9]') END, FALSE)"
    )


def extras(columns: Sequence[RawColumn]) -> str:
    """Give a JSON object text of these columns, those without a value left out; NULL if none.

    Values are texts, as the vendor wrote them; JSON inside stays text. Control characters but
    tab and line ends become spaces.
    """
    if not columns:
        return null("json")
    members = f"concat_ws(',', {', '.join(_member(column) for column in columns)})"
    clean = members
    for code, escape in ((10, r"\n"), (13, r"\r"), (9, r"\t")):
        clean = f"replace({clean}, chr({code}), '{escape}')"
    # Hardly any row needs it, and it costs more than all the rest.
    clean = rf"regexp_replace({clean}, '[\x00-\x1f]', ' ', 'g')"
    clean = rf"CASE WHEN regexp_matches({members}, '[\x00-\x1f]') THEN {clean} ELSE {members} END"
    return f"nullif('{{' || {clean} || '}}', '{{}}')"


def _member(column: RawColumn) -> str:
    key = literal(f'{dumps(column.header, ensure_ascii=False)}:"')
    value = rf"""replace(replace({json(column)}, '\', '\\'), '"', '\"')"""
    return f"{key} || {value} || '\"'"


def _nulls() -> str:
    return f"({', '.join(literal(word) for word in NULLS)})"


def _as_text(raw: RawColumn) -> str:
    # DOUBLE goes through its shortest text, so that 0.1 stays 0.1.
    name = quoted(raw.name)
    return name if raw.sql_type == "VARCHAR" else f"CAST({name} AS VARCHAR)"


def _number(raw: RawColumn | None, kind: Kind) -> str:
    if raw is None:
        return null(kind)
    target = READ_AS[kind]
    if raw.sql_type.startswith(("DECIMAL(", *INTEGERS)):
        return f"TRY_CAST({quoted(raw.name)} AS {target})"
    if raw.sql_type in ("DOUBLE", "FLOAT"):
        told = _as_text(raw)
        return f"coalesce(TRY_CAST({told} AS {target}), {_small(told, target)})"
    if raw.sql_type != "VARCHAR":
        return null(kind)
    name = quoted(raw.name)
    # Commas only as thousands: 1.234,56 must not become 1.23456.
    written = f"regexp_replace({name}, '[$, ]', '', 'g')"
    negative = f"'-' || regexp_replace({name}, '[$, ()]', '', 'g')"
    slow = (
        f"CASE WHEN regexp_matches({name}, '{_WRITTEN}') THEN TRY_CAST({written} AS {target})"
        f" WHEN regexp_matches({name}, '{_BRACKETED}') THEN TRY_CAST({negative} AS {target}) END"
    )
    # DuckDB takes 1_000 for a thousand, no bill means that.
    plain = f"replace({name}, '_', '?')"
    return f"coalesce(TRY_CAST({plain} AS {target}), {_small(name, target)}, {slow})"


def _small(expression: str, target: str) -> str:
    """Read 5.1e-06 by moving its point; Sail's casts refuse an exponent, DuckDB's do not."""
    power = f"TRY_CAST(regexp_extract({expression}, '{_SMALL}', 4) AS INTEGER)"
    digits = " || ".join(f"regexp_extract({expression}, '{_SMALL}', {group})" for group in (2, 3))
    moved = f"regexp_extract({expression}, '{_SMALL}', 1) || '0.' || repeat('0', {power} - 1)"
    return (
        f"CASE WHEN regexp_matches({expression}, '{_SMALL}')"
        f" THEN TRY_CAST({moved} || {digits} AS {target}) END"
    )


def _any_instant(name: str) -> str:
    def of(pattern: str, group: int) -> str:
        return f"regexp_extract({name}, '{pattern}', {group})"

    # A cast drops the offset, here and in Spark: it is taken off by hand.
    sign = f"CASE WHEN {of(_OFFSET, 1)} = '-' THEN -1 ELSE 1 END"
    hours = f"coalesce(TRY_CAST({of(_OFFSET, 2)} AS INTEGER), 0)"
    minutes = f"coalesce(TRY_CAST({of(_OFFSET, 3)} AS INTEGER), 0)"
    ahead = f"({sign} * ({hours} * 60 + {minutes}))"
    day = f"replace({of(_DAY, 1)}, '/', '-')"
    clock = _with_seconds(of(_CLOCK, 1))
    iso = f"TRY_CAST(trim({day} || ' ' || {clock}) AS TIMESTAMP) - {ahead} * INTERVAL '1' MINUTE"
    month_day = f"lpad({of(_US, 1)}, 2, '0') || '-' || lpad({of(_US, 2)}, 2, '0')"
    american = f"right('20' || {of(_US, 3)}, 4) || '-' || {month_day} || ' ' || {clock}"
    return (
        f"CASE WHEN regexp_matches({name}, '{_ISO}') THEN {_sane(iso)}"
        f" WHEN regexp_matches({name}, '{_US}')"
        f" THEN {_sane(f'TRY_CAST(trim({american}) AS TIMESTAMP)')} END"
    )


def _sane(instant: str) -> str:
    # The end of time stands for "open" in some bills, and no calendar in Python reaches it.
    return (
        f"CASE WHEN {instant} >= CAST('{EARLIEST}' AS TIMESTAMP)"
        f" AND {instant} < CAST('{LATEST}' AS TIMESTAMP) THEN {instant} END"
    )


def _with_seconds(clock: str) -> str:
    # Sail takes no time without seconds.
    return f"CASE WHEN length({clock}) IN (4, 5) THEN {clock} || ':00' ELSE {clock} END"
