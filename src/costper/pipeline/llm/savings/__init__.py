"""What observed calls would have cost otherwise: one file a lever, and nothing is changed.

Each lever is reckoned alone. Sums of what was observed are read once, at each step of any price
that matters, and multiplied by rates: exact, however many other models are compared.
"""
