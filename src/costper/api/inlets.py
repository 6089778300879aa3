"""The paths that take LLM calls, as a table: the front and the OpenAPI document read it."""

from __future__ import annotations

from costper.api.events import EVENTS, LITELLM
from costper.api.intake import Inlet
from costper.api.otlp import LOGS, TRACES

INLETS: tuple[Inlet, ...] = (EVENTS, LITELLM, TRACES, LOGS)
