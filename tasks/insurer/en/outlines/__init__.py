"""How each document is laid out: its articles, and passages that answer nothing."""
