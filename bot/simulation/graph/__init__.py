"""Microsoft Graph as the simulated tenant answers it."""
