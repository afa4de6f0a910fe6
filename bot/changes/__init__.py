"""Job 2, what is changed: one file a kind of change, and the state of the tenant that they rest on."""
