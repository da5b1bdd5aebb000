"""From nodes of GitHub's replies to items, events, accounts and repositories."""
