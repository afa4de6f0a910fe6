"""From a turn to the command that answers it, on any chat platform."""
