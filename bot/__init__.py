"""The service: who does it, and with what authority."""

__version__ = "0.2.0"
