"""The questions about LLM cost, one file a question, over the roll-ups of calls."""
