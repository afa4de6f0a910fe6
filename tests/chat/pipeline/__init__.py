"""One turn from top to bottom."""
