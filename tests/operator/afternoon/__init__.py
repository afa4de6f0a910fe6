"""manifest/README.md done as an operator does it: a shell, and what stands at the other end of its commands."""
