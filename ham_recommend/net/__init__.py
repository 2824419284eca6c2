"""Polite, safe HTTP for sources and encoders: rate limits, retries, deadlines, and a guard of addresses."""
