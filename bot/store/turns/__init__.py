"""What is kept of turns: which were acted on, and what was promised in them."""
