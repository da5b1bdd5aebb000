"""What `migrator check` finds out about GitHub: facts are read by the client, judged here by
pure functions."""
