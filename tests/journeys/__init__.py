"""Whole stories over HTTP, the bot in front of the simulated tenant."""
