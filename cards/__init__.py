"""How a reply looks: an Adaptive Card as Teams draws it."""
