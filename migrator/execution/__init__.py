"""Applies plans durably: engine, run, executor of one item, ledger writer, gates, lease,
throttle. Also scan and verify."""
