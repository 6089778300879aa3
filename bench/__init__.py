"""Reproducible benchmarks, each printing a ratio against a limit or a peer."""
