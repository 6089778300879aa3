"""The road of an LLM call: from the door to the books."""
