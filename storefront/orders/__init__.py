"""Carts, orders, stock holds, returns: what was bought, at frozen prices."""
