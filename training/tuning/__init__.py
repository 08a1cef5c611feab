"""Tuning: settings proposed, tried, and compared on validation, until so many have been tried."""
