"""Drawings, a module each: ``*_info`` makes plain data of a task, two functions draw it.

    quality_cost   quality against $ per 1,000 requests, frontier, intervals
    cost_stacks    dollars once, by phase; dollars per 1,000 requests, by part
    break_even     $ a month against requests a month, by utilisation
    slices         quality on parts of the test rows
    differences    paired differences to the best
    curves         learning or retrieval curves
    updates        right before and after an update, and what it cost
    predicted      seconds predicted by the other records against measured ones

``*_figure`` gives plotly's JSON for the page, ``paint_*`` draws the same with matplotlib for a
file; `style` and `canvas` have what these share. Each info has ``finding``, a caption computed
from its data, and ``table()``: titles and rows of the same data.
`harness.report.drawn` says which drawings a task has.
"""
