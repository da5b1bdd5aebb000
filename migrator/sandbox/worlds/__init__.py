"""Worlds for the sandbox: made up whole, read from files, or bare texts given a made-up life.

Everything here yields records of a world file (``docs/world-file.md``) as plain dictionaries.
"""

from migrator.sandbox.worlds.generating import generate

__all__ = ["generate"]
