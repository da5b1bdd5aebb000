"""A GitHub that runs on your machine. Imports nothing else of this project, so it cannot share our mistakes."""
