"""Plans: what would be done, what it costs, how it is undone, and what other rules would change."""
