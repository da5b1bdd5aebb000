"""A rehearsal: a whole migration against a sandbox on this machine. The only package that starts
the sandbox."""
