"""The HTTP door: answers, ingest and pages."""
