"""MSAL and the Graph SDK against the simulated tenant."""
