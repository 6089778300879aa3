"""Tells costper of every LLM call a client makes, beside the caller, never in its way.

Such as:

    client = costper.track(OpenAI())
    with costper.labels(feature="search", user_id=user.id, tenant="acme", prompt_version="v7"):
        client.chat.completions.create(...)
"""

from __future__ import annotations

import sys
from types import ModuleType


class _Track(ModuleType):
    """This module, which can be called: `costper.track` is the function and its folder."""

    def __call__(self, client: object, **words: object) -> object:
        """Do what client.track does; imported when first called, so `import costper` is instant."""
        from costper.track.client import track

        return track(client, **words)  # type: ignore[arg-type]


# The name of a folder is bound over a function of that name whenever the folder is imported.
sys.modules[__name__].__class__ = _Track
