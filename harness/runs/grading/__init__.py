"""People grade some answers, blind; with an automatic score of all answers that gives an estimate.

`sheet` draws the rows and makes the tables that raters fill in; `back` reads and checks them;
`apply` puts the grades into the record; `decide` says how many more grades would decide.
"""
