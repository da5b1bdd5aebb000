"""The web application: webhooks, pages, API, sign-in, middleware, health and metrics."""
