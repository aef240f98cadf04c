"""What another policy would have made of past orders: replayed, and nothing touched."""
