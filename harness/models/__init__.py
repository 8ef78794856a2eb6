"""Models: where they come from, and how they are asked, scored and trained."""
