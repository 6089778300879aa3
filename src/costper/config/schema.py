"""Makes the JSON schemas of settings files, which editors check and complete with.

Its first line in a file is `# yaml-language-server: $schema=…`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from costper.config.declared import MAIN_KINDS
from costper.config.prices import PriceFile
from costper.config.sections import FileSection
from costper.config.settings import Kind, SourceType
from costper.model.dimension import BUILT_IN

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SCALARS = ["string", "number", "boolean"]
Schema = dict[str, Any]


def json_schema(catalogue: Iterable[SourceType], drivers: Collection[str]) -> Schema:
    """Give the schema for a costper that has these sources and drivers."""
    offered = sorted(catalogue, key=lambda one: (one.kind, one.name))
    models: dict[type[BaseModel], None] = dict.fromkeys(
        (FileSection, *(one.settings for one in offered))
    )
    places, whole = models_json_schema([(model, "validation") for model in models])
    definitions = cast("dict[str, Schema]", whole["$defs"])
    # Sources stand beside their `type`, so their settings are copied to where they are used.
    own = {model: definitions.pop(_name_of(places[model, "validation"])) for model in models}
    schema = own[FileSection]
    sections = cast("dict[str, Schema]", schema["properties"])
    sections["sources"]["additionalProperties"] = _one_of(offered, MAIN_KINDS, own)
    kinds: tuple[Kind, ...] = ("customers", "rates")
    for kind in kinds:
        about = sections[kind].get("description", "")
        sections[kind] = {**_one_of(offered, (kind,), own), "description": about}
    _name_drivers(definitions["RuleSection"]["properties"], sorted(drivers))
    _leave_out_keys(definitions)
    plain = cast("Schema", _loosened({**schema, "$defs": definitions}))
    return {"$schema": DIALECT, "title": "costper.yaml", **plain}


def prices_schema() -> Schema:
    """Give the schema of a file of own prices."""
    plain = cast("Schema", _loosened(PriceFile.model_json_schema()))
    return {"$schema": DIALECT, "title": "prices.yaml", **plain}


def _name_of(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _one_of(
    offered: Iterable[SourceType],
    kinds: Collection[Kind],
    settings: Mapping[type[BaseModel], Schema],
) -> Schema:
    """Choose the settings by `type`."""
    chosen = [one for one in offered if one.kind in kinds]
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(one.name for one in chosen)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": one.name}}},
                "then": _settings(one, settings[one.settings]),
            }
            for one in chosen
        ],
    }


def _settings(one: SourceType, schema: Schema) -> Schema:
    about = (one.settings.__doc__ or "").partition("\n")[0]
    properties = {"type": {"const": one.name, "description": about}, **schema["properties"]}
    return {**_without(schema, "description"), "properties": properties}


def _name_drivers(rule: dict[str, Schema], drivers: list[str]) -> None:
    rule["driver"]["enum"] = drivers
    rule["fallback"]["enum"] = [*drivers, "unallocated"]
    rule["to"]["examples"] = list(BUILT_IN)


def _leave_out_keys(definitions: dict[str, Schema]) -> None:
    """A field that is the key of its section is not written inside it."""
    for definition in definitions.values():
        properties = cast("dict[str, Schema]", definition.get("properties", {}))
        for name in [name for name, it in properties.items() if it.get("from_key")]:
            del properties[name]


def _loosened(node: object) -> object:
    """Take bare numbers for text, as costper does: an account is 1234 with or without quotes."""
    if isinstance(node, list):
        return [_loosened(it) for it in cast("list[object]", node)]
    if not isinstance(node, dict):
        return node
    found = {key: _loosened(it) for key, it in cast("dict[str, object]", node).items()}
    if found.get("type") == "string" and not {"enum", "const", "format", "pattern"} & set(found):
        found["type"] = SCALARS
    # pydantic titles every field by its name, which tells an editor nothing.
    title = found.get("title")
    return _without(found, "title") if isinstance(title, str) else found


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}
