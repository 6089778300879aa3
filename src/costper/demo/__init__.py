"""The sample company: raw files made from a seed."""
