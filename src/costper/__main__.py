"""`python -m costper` is the same as `costper`."""
