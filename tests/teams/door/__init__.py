"""The POST route over real HTTP: what gets in, what does not, and what it costs to refuse."""
