"""Where answers and alerts are sent, one file a place."""
