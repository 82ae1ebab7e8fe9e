"""The reasoning: from facts to findings to a cited recommendation."""
