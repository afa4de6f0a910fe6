"""Sentences that name groups: the words and templates of each language, the clauses, and what they ask for."""
