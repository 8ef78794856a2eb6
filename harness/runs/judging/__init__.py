"""Scores answers with ragas and a judge, as further metrics of a run.

`harness.metrics.ragas` names the metrics and what each needs; `scorers` computes one for a row,
`evaluate` all of them for many rows. `judge` asks a model behind a server, `local` one in this
process, `opening` opens either by name; `questions` has what they are asked; `agreement` measures
how often a judge agrees with people.
"""
