"""The webhook service, the dashboard and the JSON API."""
