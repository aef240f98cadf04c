"""The outside world: one folder per service, each with a base, the real thing and a sandbox."""
