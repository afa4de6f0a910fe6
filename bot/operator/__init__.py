"""What an operator does beside serving: the app package, a backup."""
