"""The kinds of task, one a file: each declares its ``KIND``."""
