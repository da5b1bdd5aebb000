"""Everything that can go wrong, on purpose and by a seed."""
