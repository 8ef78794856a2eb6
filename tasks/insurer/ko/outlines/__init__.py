"""What each document is written from, beside its facts."""
