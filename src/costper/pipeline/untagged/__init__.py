"""What the charges do not say: how much, where, and the line that would say it."""
