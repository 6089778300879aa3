"""Questions in letters: read, resolved, asked in one statement, and answered."""
