"""One file a question; each gives an Answer from the marts alone."""
