"""The listener's work on one item: what webhooks and sweeps ask to be looked after."""
