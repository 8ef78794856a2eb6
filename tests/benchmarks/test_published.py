"""Published trainings that are predicted: the tables of docs/costs.md, and where figures are from."""

import re

from benchmarks.published import predictions, tables
from harness.costs.book import load_book
from tests.documents import text


def test_the_tables_are_the_program_s() -> None:
    (shown,) = re.findall(
        r"<!-- published -->\n(.*?)\n<!-- end -->", text("docs/costs.md"), flags=re.DOTALL
    )
    assert shown == tables()


def test_no_prediction_uses_its_own_row() -> None:
    rows = {row.name: row for row in predictions()}
    for row in rows.values():
        assert (row.predicted is None) == (row.flops is None)
        assert row.mfu_source != row.name
        if row.mfu is not None:
            own = (row.flops or 0) / (load_book().gpu(row.gpu).peak * row.gpu_hours * 3600)
            assert abs(own - row.mfu) > 0.005  # from itself it would be the same
    assert abs(rows["MLPerf Llama-2-70B LoRA"].error or 1) < 0.2
    assert all(abs(row.memory_error) < 0.1 for row in rows.values() if row.memory_error is not None)
