"""Everything that must be right before people use the bot, looked at in the order in which an operator would look."""
