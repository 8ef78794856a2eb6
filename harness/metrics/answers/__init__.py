"""Compares an answer with the right one: as a whole, with a sentence around it, or held in it."""
