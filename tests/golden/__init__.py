"""Cards, plans, seals, stored values and rows to the last byte; tests.golden.record says when they may change."""
