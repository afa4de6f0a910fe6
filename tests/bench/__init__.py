"""Figures, printed: make bench. Nothing here is asserted, machines differ."""
