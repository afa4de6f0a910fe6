"""THE SEAM: the only room that names a bot SDK."""
