"""Unit costs, margins and trends, computed from values alone."""
