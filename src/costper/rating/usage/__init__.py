"""What a provider's response says it used: raw bodies and streams into billable lines."""

from costper.rating.usage.address import wire_of
from costper.rating.usage.base import Wire
from costper.rating.usage.reading import read_body, read_chunks, read_response
from costper.rating.usage.tap import Tap
from costper.rating.usage.wires import WIRES, wire_for

__all__ = [
    "WIRES",
    "Tap",
    "Wire",
    "read_body",
    "read_chunks",
    "read_response",
    "wire_for",
    "wire_of",
]
