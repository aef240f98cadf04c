"""Money in, money back, and every message a gateway ever sent."""
