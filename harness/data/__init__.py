"""Reading tables, and cutting them into splits."""
