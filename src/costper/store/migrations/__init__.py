"""Forward migrations of the control store, run by Alembic when the books are opened."""
