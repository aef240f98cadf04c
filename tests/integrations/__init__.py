"""What the outside world is spoken to with."""
