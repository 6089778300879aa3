"""Reads costper.yaml into typed settings, keeping the file and line of every value."""
