"""openai_chat: chat completions of OpenAI, Azure and everything that speaks like them.

What it reads (`usage`, the same in the last chunk of a stream):

    {"id": "chatcmpl-1", "model": "gpt-5.6-sol", "service_tier": "default",
     "usage": {"prompt_tokens": 4020, "completion_tokens": 84, "total_tokens": 4104,
               "prompt_tokens_details": {"cached_tokens": 3000, "cache_write_tokens": 1012},
               "completion_tokens_details": {"reasoning_tokens": 64}}}

| in a line | from |
|---|---|
| input, output | `prompt_tokens`, `completion_tokens`; all details are parts of these |
| cache read | `cached_tokens`, else `prompt_cache_hit_tokens`, else `cache_read_input_tokens` |
| cache write | `cache_write_tokens` (billed from GPT-5.6 on), else `cache_creation_input_tokens` |
| reasoning | `reasoning_tokens`; rejected predictions are output like any other, as billed |
| audio, images | `audio_tokens` of either side, `image_tokens` of the prompt |
| tier | `service_tier` of the response, which is what was served, not what was asked for |

**Streams.** OpenAI tells the usage of a stream only where the request says
`"stream_options": {"include_usage": true}`: in a last chunk without choices. Without it there is
no line, and an issue says so. A stream that was cut after `finish_reason`, before that chunk, is
not finished. Proxies that send a running usage in every chunk are read by the last one.

**Other OpenAI bodies** given under this name are read by their own wire, as their `object` or
`type` says: `response` as openai_responses, a list of embeddings as openai_embeddings.

**Not told by the provider**: the fee of a search model's search; it is on the invoice.
"""

from __future__ import annotations

from costper.rating.usage.base import Wire
from costper.rating.usage.chat_shape import join_perhaps_without_usage, read_chat

OPENAI_CHAT = Wire(name="openai_chat", read=read_chat, join=join_perhaps_without_usage)
