"""Drawings, a module each: ``*_info`` makes plain data of a task, two functions draw it.

``*_figure`` gives plotly's JSON for the page, ``paint_*`` draws the same with matplotlib for a
file. Each info has ``finding``, a caption computed from its data, and ``table()``.
"""
