"""Text in, intent out: everything that people write is ranked against everything that the bot can do."""
