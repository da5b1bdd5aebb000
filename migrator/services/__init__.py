"""Use cases: one file for each thing that a maintainer or operator can ask for."""
