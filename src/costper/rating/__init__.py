"""What a response billed, and what that costs."""
