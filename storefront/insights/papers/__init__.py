"""A statement as a paper: what it says, in either language, and how it is printed."""
