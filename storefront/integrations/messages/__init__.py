"""Messages to people: SMS and the like."""
