"""Share links, and the touches that visitors leave on them."""
