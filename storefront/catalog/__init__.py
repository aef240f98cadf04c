"""What the chain sells: brands, categories, products, variants, prices, stock."""
