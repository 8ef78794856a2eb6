"""What adapting a model breaks: the same items before and after, beside the task.

data      the items, written for this project
items     reads them
exams     an exam: items, and how a model's answers to them are marked
tasks     the rows of the task itself, and of the other tasks that are here, as exams
marks     marks of items, kept in files; figures and paired changes made of them
before    the marks of a model as it is, measured once
probing   all of it, for one run
"""
