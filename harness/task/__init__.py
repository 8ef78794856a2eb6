"""What is asked: task files, tables, rows, splits, prompts, documents."""
