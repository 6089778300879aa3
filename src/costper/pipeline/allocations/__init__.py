"""Answers about the allocation as pages ask for them: in force, balanced, made, ahead."""
