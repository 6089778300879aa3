"""What is unusual or over budget, judged from values alone."""
