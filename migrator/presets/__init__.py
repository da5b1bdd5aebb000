"""Migration files that ship with the package."""
