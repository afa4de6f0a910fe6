"""The service: who does it, and with what authority."""
