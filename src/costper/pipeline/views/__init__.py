"""Views: questions with a name, declared or stored, asked by every door alike."""
