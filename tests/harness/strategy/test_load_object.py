"""A file of the user's runs as it is now."""

import os

from harness.strategy.registry import load_object


def test_an_edit_within_a_second_is_run(tmp_path):
    file = tmp_path / "mine.py"
    values = []
    for number in (1, 4):
        file.write_text(f"VALUE = {number}\n", encoding="utf-8")
        os.utime(file, (1_000_000_000, 1_000_000_000))  # as large and as old as before
        values.append(load_object(f"{file}:VALUE"))
    assert values == [1, 4]
    assert not (tmp_path / "__pycache__").exists()
