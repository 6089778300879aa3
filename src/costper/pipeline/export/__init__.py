"""Answers as columns: Arrow tables in memory, in files and over HTTP."""
