"""Progress where stderr is no terminal: a line at the start, the end and every ten seconds."""

from harness.cli.progress import Terminal


def test_the_last_line_is_written_once(capsys):
    monitor = Terminal()
    for done in (1, 2, 3, 3):
        monitor.progress("answer", done, 3)
    assert capsys.readouterr().err.splitlines() == ["answer 1/3", "answer 3/3"]
    monitor.progress("answer", 1, 2)
    monitor.progress("answer", 2, 2)
    assert capsys.readouterr().err.splitlines() == ["answer 2/2"]
