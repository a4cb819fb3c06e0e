"""What every daemon stands on and that knows no telephony; imports nothing else of this project."""
