"""The way about: every page that has a place in the navigation, in its groups."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """One entry; `section` is what pages name to have it marked as the one that is open."""

    section: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under one heading; '' has none."""

    name: str
    places: tuple[Place, ...]


GROUPS: tuple[Group, ...] = (
    Group(
        "",
        (
            Place("overview", "Overview", "/"),
            Place("explorer", "Explorer", "/explorer"),
            Place("customers", "Customers", "/customers"),
            Place("teams", "Teams & services", "/teams"),
            Place("environments", "Environments", "/environments"),
            Place("savings", "Savings", "/savings"),
        ),
    ),
    Group(
        "LLM",
        (
            Place("llm-endpoints", "Endpoints", "/llm/endpoints"),
            Place("llm-users", "Users", "/llm/users"),
            Place("llm-prompts", "Prompt versions", "/llm/prompt-versions"),
            Place("llm-models", "Models", "/llm/models"),
            Place("llm-savings", "LLM savings", "/llm/savings"),
        ),
    ),
    Group(
        "Govern",
        (
            Place("incidents", "Incidents", "/incidents"),
            Place("allocation", "Allocation", "/allocation"),
            Place("sources", "Data sources", "/sources"),
            Place("clean-up", "Clean-up", "/clean-up"),
            Place("events", "Events", "/events"),
            Place("settings", "Settings", "/settings"),
        ),
    ),
)
