"""Signing in, sessions, one-time links, and the role and form token that each route asks for."""
