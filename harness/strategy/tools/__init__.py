"""What a model may call while it answers: a calculator, and a search of the documents.

`calculator` evaluates expressions without `eval`; `calls` reads the calls in a model's text; `loop`
asks, calls and asks again, a bounded number of times.
"""
