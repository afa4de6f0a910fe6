"""A change to the tenant that waits for somebody else."""
