"""What is kept of turns: which were acted on, what was promised in them, and who was given the app or removed it."""
