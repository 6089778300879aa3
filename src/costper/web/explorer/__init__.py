"""The Explorer: questions in letters, asked, drawn, saved and shared."""
