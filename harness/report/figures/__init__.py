"""Figures in two steps: ``*_info`` makes plain data of a task, ``*_figure`` draws it with plotly.

    quality_cost   QualityCost    quality against $ per 1,000 requests, frontier, intervals
    cost_once      CostStack      dollars once, by phase
    cost_request   CostStack      dollars per 1,000 requests, by part
    break_even     BreakEven      $ a month against requests a month, by utilisation
    slices         SliceInfo      quality on parts of the test rows
    differences    DifferenceInfo paired differences to the best
    curves         CurveInfo      learning or retrieval curves
    updates        UpdateInfo     right before and after an update, and what it cost
    predicted      PredictedInfo  seconds predicted by the other records against measured ones

Each info has ``finding``, a caption computed from its data, and ``table()``: titles and rows of
the same data. Another program may draw the same infos (``harness.report.figures.style`` has the
colours and marks).
"""

from harness.report.figures.break_even import BreakEven, break_even_figure, break_even_info
from harness.report.figures.cost_stacks import (
    CostStack,
    cost_once_info,
    cost_request_info,
    cost_stack_figure,
)
from harness.report.figures.curves import CurveInfo, curves_figure, curves_info
from harness.report.figures.differences import (
    DifferenceInfo,
    differences_figure,
    differences_info,
)
from harness.report.figures.predicted import PredictedInfo, predicted_figure, predicted_info
from harness.report.figures.quality_cost import (
    QualityCost,
    quality_cost_figure,
    quality_cost_info,
)
from harness.report.figures.slices import SliceInfo, slices_figure, slices_info
from harness.report.figures.updates import UpdateInfo, updates_figure, updates_info

__all__ = [
    "BreakEven",
    "CostStack",
    "CurveInfo",
    "DifferenceInfo",
    "PredictedInfo",
    "QualityCost",
    "SliceInfo",
    "UpdateInfo",
    "break_even_figure",
    "break_even_info",
    "cost_once_info",
    "cost_request_info",
    "cost_stack_figure",
    "curves_figure",
    "curves_info",
    "differences_figure",
    "differences_info",
    "predicted_figure",
    "predicted_info",
    "quality_cost_figure",
    "quality_cost_info",
    "slices_figure",
    "slices_info",
    "updates_figure",
    "updates_info",
]
