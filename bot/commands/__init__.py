"""One file a command; this list is all there is."""
