"""What ragas and a judge say of answers, behind the harness's own interface of metrics.

`catalog` names the metrics and what each needs; `scorers` computes one with ragas, `evaluate` many;
`judge` asks a model behind a server; `agreement` measures that judge against people first.
"""
