"""Job 3: anybody asks about the rollout and gets an answer with its source."""
