"""What the bot says of itself and of the person in front of it."""
