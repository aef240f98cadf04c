"""What every part stands on: database, clock, money, errors, jobs. It knows no shops."""
