"""Prices that the list has wrong, or not at all, and what is right from when on.

Each names where it is from, and the stale price it stands over: where the list says another one,
it no longer holds. A file of own prices stands over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from costper.rating.catalogue import Overlay, Sheet
from costper.rating.rates import for_one

WHERE = "correction by costper"


def _sheet(**prices: str) -> Sheet:
    return {kind: ((-1, for_one(kind, Decimal(price))),) for kind, price in prices.items()}


def _stale(**prices: str) -> Mapping[str, Decimal | None]:
    return {kind: for_one(kind, Decimal(price)) for kind, price in prices.items()}


def _long(above: int, **prices: tuple[str, str]) -> Sheet:
    return {
        kind: ((-1, for_one(kind, Decimal(base))), (above, for_one(kind, Decimal(long))))
        for kind, (base, long) in prices.items()
    }


CORRECTIONS: tuple[Overlay, ...] = (
    # The list ends in 2025, with hours of another price; LiteLLM's list, and V3.2-Exp's notice.
    Overlay(
        provider="deepseek",
        models=("deepseek-chat", "deepseek-reasoner"),
        first=date(2025, 9, 29),
        sheet=_sheet(input="0.28", output="0.42", cache_read="0.028"),
        instead_of=_stale(input="0.135"),
        where=f"{WHERE}: DeepSeek V3.2",
    ),
    # The list's alias is of Mistral Large 2; LiteLLM's list has Large 3.
    Overlay(
        provider="mistral",
        models=("mistral-large-latest",),
        first=date(2025, 12, 2),
        sheet=_sheet(input="0.5", output="1.5", cache_read="0.05"),
        instead_of=_stale(input="2", output="6"),
        where=f"{WHERE}: Mistral Large 3",
    ),
    # The list has text alone; audio is 16 times that.
    Overlay(
        provider="openai",
        models=("gpt-4o-audio-preview*",),
        first=date(2024, 12, 17),
        sheet=_sheet(audio_input="40", audio_output="80"),
        instead_of={"audio_input": None, "audio_output": None},
        where=f"{WHERE}: audio of gpt-4o-audio-preview",
    ),
    # One price for text, images and audio, which the list gives for text only.
    Overlay(
        provider="google",
        models=("gemini-2.5-pro",),
        sheet=_long(200_000, audio_input=("1.25", "2.5"), audio_cache_read=("0.125", "0.25")),
        instead_of={"input": for_one("input", Decimal("1.25")), "audio_input": None},
        where=f"{WHERE}: audio of gemini-2.5-pro",
    ),
    # All they make are images, whose price the list gives for output.
    *(
        Overlay(
            provider="openai",
            models=models,
            sheet=_sheet(output=price, image_output=price),
            instead_of={"output_beside_image": for_one("output", Decimal(price)), "output": None},
            where=f"{WHERE}: images of {models[0].rstrip('*')}",
        )
        for models, price in (
            (("gpt-image-1",), "40"),
            (("gpt-image-1-mini",), "8"),
            (("gpt-image-2*",), "30"),
        )
    ),
    # Free, which the list says by an empty price.
    Overlay(
        provider="openai",
        models=("moderation", "*-moderation-*"),
        sheet=_sheet(input="0", output="0"),
        instead_of={"input": None},
        where=f"{WHERE}: moderation is free",
    ),
)
