"""How good verdicts are: metrics, training of weights, and what reviewers' answers say."""
