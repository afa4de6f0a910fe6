"""The tests mirror the rooms; tests/journeys are whole stories over HTTP."""
