"""Webhooks: which ones matter, and what they say."""
