"""Where rows are kept and asked, in set-based SQL."""
