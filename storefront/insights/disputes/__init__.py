"""Disputes as those whom they concern, and headquarters, look at them."""
