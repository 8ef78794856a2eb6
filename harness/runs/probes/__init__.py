"""What adapting a model breaks: the same items before and after, beside the task.

data      the items, written for this project
items     reads them
obeyed    whether an answer has the form that was asked for
exams     an exam: items, and how a model's answers to them are marked
tasks     the other tasks whose rows are here, as exams
marks     marks of items, kept in files; figures and paired changes made of them
before    the marks of a model as it is, measured once
gap       the task itself on rows that were trained on, on dev rows and on test rows
probing   all of it, for one run
"""
