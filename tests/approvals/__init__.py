"""Approvals: what must never fail."""
