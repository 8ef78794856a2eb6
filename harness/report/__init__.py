"""Records to a page and exports."""
