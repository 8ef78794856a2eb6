"""A finished run at work: rows of a new table get its answers.

rows      reads the new table: what is asked of each row, and which can't be asked
work      the folder in which unfinished work lies, by which the same command goes on
files     writes the table with the answers: CSV, TSV, JSON Lines, XLSX
expected  what the run's test lets one expect, beside what came
answer    answers, from the first step to the last
"""
