"""How fast a response says it was served, in the words of model.call."""

from __future__ import annotations

from costper.model.call import Tier
from costper.rating.usage.doubts import Doubts, shown

WORDS: dict[str, Tier] = {
    "": "standard",
    "auto": "standard",
    "default": "standard",
    "on_demand": "standard",
    "standard": "standard",
    "batch": "batch",
    "flex": "flex",
    "on_demand_flex": "flex",
    "priority": "priority",
    "on_demand_priority": "priority",
    "fast": "fast",
    "optimized": "fast",
}
"""OpenAI, Groq and Bedrock say `default`, `on_demand`; Vertex ON_DEMAND_FLEX (trafficType)."""


def tier_of(said: str, doubts: Doubts) -> Tier:
    """Turn a provider's word into a tier; standard with an issue where nobody knows the word."""
    word = said.strip().lower().replace("-", "_").removeprefix("service_tier_")
    tier = WORDS.get("" if word in {"unspecified", "traffic_type_unspecified"} else word)
    if tier is None:
        doubts.add(
            "unknown_tier",
            f"tier {shown(said)} has no price of its own here: taken as standard",
            hint="bought capacity (provisioned, reserved, scale) is billed by the invoice instead",
        )
        return "standard"
    return tier
