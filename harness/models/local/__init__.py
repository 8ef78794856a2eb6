"""Models that run in this process, by torch: scoring, generation, packed rows, shared prefixes."""
