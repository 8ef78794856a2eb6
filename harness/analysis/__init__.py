"""What records say: data frames, summaries, comparisons, thresholds, and advice."""
