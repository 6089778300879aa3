"""Verdicts: whether a cost per unit grew, why, and which segment hides behind the total."""
