"""An employee's micro-shop and the products picked for it."""
