"""What the page needs to decide again when a reader asks otherwise: quantities and bounds.

A recommendation is bounds, which no price moves, and money, which is linear in what was measured.
The page holds both, and `decide.js` does with them what `harness.costs.ownership.total_cost` and
`harness.analysis.recommend` do.

machines  what each candidate takes on each machine, without any price that the reader gives
values    who takes part under some latency and place, with the bounds of those; all of it for one
          task, and what the fields say at first
"""

from harness.report.whatif.values import WORDS, what_if_of

__all__ = ["WORDS", "what_if_of"]
