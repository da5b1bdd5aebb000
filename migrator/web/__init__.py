"""What speaks HTTP: the webhook, health and metrics."""
