"""Savings: what the marts keep for it, how it is read, and the answer."""
