"""What happens as GitHub reports it: stored deliveries, the reconciler, and the handlers of one
item."""
