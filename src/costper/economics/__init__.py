"""What costs and revenues mean: trends, margins, coverage and waste."""
