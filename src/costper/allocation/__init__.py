"""Who caused which cost, as a plan and without input or output."""
