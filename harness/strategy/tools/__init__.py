"""What a model may call while it answers: a calculator, and a search of the documents.

`calculator` evaluates expressions without `eval`; `calls` reads calls out of what a model wrote;
`loop` asks, calls and asks again, a bounded number of times.
"""
