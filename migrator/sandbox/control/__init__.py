"""The sandbox's own surface, ``/_sandbox/``: what tests and tools use, never mixed with
GitHub's."""
