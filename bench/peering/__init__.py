"""What :mod:`bench.peers` compares: one world, and one file for each peer."""
