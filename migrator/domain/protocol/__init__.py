"""How one item is changed safely: steps, the next step, the ledger, rate limits, verification."""
