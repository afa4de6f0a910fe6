"""What the rollout means for one device: facts, rules and builds. Pure: no network, no clock, no words."""
