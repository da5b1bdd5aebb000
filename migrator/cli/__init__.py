"""The command line: one file per verb."""

from __future__ import annotations

from migrator.cli.app import main

__all__ = ["main"]
