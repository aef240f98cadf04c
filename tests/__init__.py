"""The tests mirror storefront/; journeys/ tell whole stories and support/ is what they stand on."""
