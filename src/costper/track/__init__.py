"""Tells costper of every LLM call a client makes, beside the caller, never in its way."""
