"""What a model may call while it answers: a calculator, and a search of the documents."""
