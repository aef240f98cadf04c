"""What tests stand on: databases, a client that keeps to itself, a count of queries."""
