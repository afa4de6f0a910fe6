"""What the bot says: every sentence by its key, and replies as data."""
