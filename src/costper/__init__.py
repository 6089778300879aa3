"""What does it cost, per X: every cent carried to whoever caused it."""
