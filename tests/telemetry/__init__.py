"""What an operator's receiver is sent, and what not."""
