"""Reads texts as values: amounts, shares, periods, counts, dates, grades and codes."""
