"""A statement as a paper."""
