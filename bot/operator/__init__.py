"""What an operator does beside serving: the command line, the app package, a backup, a check."""
