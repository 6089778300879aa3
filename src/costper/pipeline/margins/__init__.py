"""What customers leave: margins, what if, and how few carry how much."""
