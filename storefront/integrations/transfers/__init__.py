"""Ways to send money to employees: a base and, one by one, the providers."""
