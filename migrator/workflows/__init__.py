"""Durable work: the only package that knows the engine."""
