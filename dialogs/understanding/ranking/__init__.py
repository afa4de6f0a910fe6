"""The one ranking: utterances in, a small linear model out, and what to do with what it says."""
