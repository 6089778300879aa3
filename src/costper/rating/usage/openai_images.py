"""openai_images: images drawn and edited by OpenAI and Azure, streamed or at once.

What it reads (a stream tells it in `image_generation.completed` or `image_edit.completed`):

    {"created": 1763712000, "data": [{"b64_json": "..."}], "quality": "high",
     "usage": {"input_tokens": 50, "input_tokens_details": {"text_tokens": 10, "image_tokens": 40},
               "output_tokens": 4216, "total_tokens": 4266,
               "output_tokens_details": {"text_tokens": 56, "image_tokens": 4160}}}

| in a line | from |
|---|---|
| input, output | `input_tokens`, `output_tokens`; all details are parts of these |
| images in | `input_tokens_details.image_tokens` |
| images drawn | `output_tokens_details.image_tokens`; all output where no details are told |
| SVG | `svg_usage` is a line of its own, part `svg`: it names another model |

The body names no model: the event, or the URL's request, must. DALL-E is billed by the image and
tells no usage: no line, and an issue `no_usage`. Shapes: `openai.types.ImagesResponse` and
`ImageGenCompletedEvent` of OpenAI's own client library.
"""

from __future__ import annotations

from costper.model.call import Line, Reading
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.lines import check_total, checked, reading_of
from costper.rating.usage.openai_responses import image_line
from costper.rating.usage.values import count, node, says, text

TOKENS = ("input_tokens", "output_tokens")
KEPT = ("model", "usage", "svg_usage", "error")
ENDS = ("image_generation.completed", "image_edit.completed")


def read(body: Node, doubts: Doubts) -> Reading:
    """Read what was drawn, or the end of a stream of it."""
    lines = (*_images(body, doubts), *_svg(body, doubts))
    return reading_of(body, lines, doubts)


def _images(body: Node, doubts: Doubts) -> tuple[Line, ...]:
    usage = node(body.get("usage"))
    if not says(usage, *TOKENS):
        return ()
    line = image_line(usage, doubts, text(body, "model", doubts), "standard")
    check_total(usage, "total_tokens", line.input_tokens + line.output_tokens, doubts)
    return (checked(line, doubts),)


def _svg(body: Node, doubts: Doubts) -> tuple[Line, ...]:
    """Read what writing an SVG used, which is another model's, and text."""
    usage = node(body.get("svg_usage"))
    if not says(usage, *TOKENS):
        return ()
    line = Line(
        model=text(usage, "model", doubts),
        input_tokens=count(usage, "input_tokens", doubts),
        output_tokens=count(usage, "output_tokens", doubts),
        reasoning_tokens=count(usage, "reasoning_tokens", doubts),
        part="svg",
    )
    return (checked(line, doubts),)


def join(joined: Joined, chunk: Node, doubts: Doubts) -> None:
    """Join an event; only the last one tells anything."""
    del doubts
    if chunk.get("type") in ENDS:
        joined.keep(chunk, KEPT)
        joined.finished = True
    elif chunk.get("error"):
        joined.keep(chunk, ("error",))


OPENAI_IMAGES = Wire(name="openai_images", read=read, join=join)
