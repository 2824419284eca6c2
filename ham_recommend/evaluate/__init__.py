"""Measure answers against relevance judgements and against what a user would otherwise pick."""
