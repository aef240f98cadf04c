"""Read-only questions, and the roll-ups behind them."""
