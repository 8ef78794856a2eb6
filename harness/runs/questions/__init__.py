"""A test set from one's own documents: a model proposes questions, filters drop, a person ticks.

words      what the model is asked, in Korean and in English
asking     the model, whose answers are on disk before they are used
proposing  passages over all documents, and what the model proposes of them
filters    why a proposal is dropped
build      from documents to the sheet
sheet      the workbook: out, and back
ticked     from the sheet to a task
"""
