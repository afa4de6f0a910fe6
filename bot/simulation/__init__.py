"""A tenant on this machine: login, Graph, Teams connector. Speaks only HTTP and imports no other room."""
