"""The Python door: answers as Arrow, pandas or polars tables, for notebooks and scripts."""
