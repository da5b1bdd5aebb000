"""Every text that we post, and the templates behind it."""
