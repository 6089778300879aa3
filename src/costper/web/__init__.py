"""The pages people open: drawn on the server from the API's own answers."""
