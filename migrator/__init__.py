"""Moves a project's GitHub issues and pull requests to their new home."""

__version__ = "0.1.0"
