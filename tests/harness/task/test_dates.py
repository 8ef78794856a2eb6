"""Dates as people write them; what may be two dates is refused."""

from datetime import date, datetime, time

import pytest

from harness.errors import DataError, UsageError
from harness.task.dates import read_dates


def moment(year, month=1, day=1, hour=0, minute=0):
    return datetime.combine(date(year, month, day), time(hour, minute))


def read(*texts, form=None):
    cells = [(f"rows.csv, line {number}", text) for number, text in enumerate(texts, 2)]
    return read_dates(cells, "date", form)


DAY = """
    2024-09-01 | 2024-9-1 | 2024.9.1 | 2024. 9. 1. | 2024.09.01. | 2024년 9월 1일 | 2024년9월1일
    2024/9/1 | 20240901 | 2024-W35-7 | 2024-09-01 00:00:00 | 2024-09-01T00:00:00Z | 20240901T000000
    2024-09-01T00:00:00.123456789+09:00 | 2024-09 | 2024/09 | 2024.09 | 2024. 9. | 2024년 9월
    Sep 2024 | 1 Sep 2024 | 1-Sep-2024 | September 1, 2024 | Sep 1st 2024 | 2024.9.1(일)
    2024년 9월 1일 일요일 | Sun, 01 Sep 2024 00:00:00 +0900 | 45536 | 1725148800 | 1725148800000
"""
MONTH = """
    2024-Q3: 7 | 2024Q3: 7 | Q3 2024: 7 | 3Q 2024: 7 | 2024년 3분기: 7 | 2024 4Q: 10 | 2024H2: 7
    H1 2024: 1 | 2024년 하반기: 7 | 2024 상반기: 1 | 2024: 1 | 2024년: 1
"""
HOUR = """
    2024-09-01 15:05 = 15 | 2024. 9. 1. 오후 3:05:00 = 15 | 2024. 9. 1. 오전 12:05 = 0
    2024년 9월 1일 15시 5분 = 15 | 2024-09-01 3:05 PM = 15 | 2024-09-01T15:05+09:00 = 15
    2024-09-01 15:05:00 KST = 15
"""


def listed(text):
    return [each.strip() for line in text.strip().splitlines() for each in line.split("|")]


@pytest.mark.parametrize("text", listed(DAY))
def test_ways_to_write_one_day(text):
    assert read(text)[0][0].date() == moment(2024, 9, 1).date()


@pytest.mark.parametrize("pair", listed(MONTH))
def test_a_part_of_a_year_is_its_first_day(pair):
    text, month = pair.split(": ")
    assert read(text)[0] == [moment(2024, int(month), 1)]


@pytest.mark.parametrize("pair", listed(HOUR))
def test_times_of_day(pair):
    text, hour = pair.split(" = ")
    assert read(text)[0] == [moment(2024, 9, 1, int(hour), 5)]


def test_one_row_decides_what_stands_first_and_a_note_says_so():
    moments, notes = read("01/02/2024", "01/16/2024")
    assert moments[0] == moment(2024, 1, 2)
    assert notes == ["'date' is read as month/day/year, as rows.csv, line 3 shows (01/16/2024)"]
    assert read("01/02/2024", "16/01/2024")[0][0] == moment(2024, 2, 1)
    assert read("05/05/2024")[0] == [moment(2024, 5, 5)]


@pytest.mark.parametrize("text", ["01/02/2024", "01.02.2024", "1-2-2024", "01/02/2024 10:05"])
def test_what_may_be_two_dates_needs_a_format(text):
    with pytest.raises(DataError, match=r"line 2: .* may be two dates") as raised:
        read(text)
    assert "--date-format DMY or MDY" in raised.value.hint
    assert read(text, form="DMY")[0][0].month == 2
    assert read(text, form="MDY")[0][0].month == 1


def test_years_of_two_digits_need_a_format():
    with pytest.raises(DataError, match="several dates"):
        read("24/09/01")
    assert read("24/09/01", form="YMD")[0] == [moment(2024, 9, 1)]
    assert read("1.9.24", form="DMY")[0] == [moment(2024, 9, 1)]
    assert read("01. Sep 24", form="%d. %b %y")[0] == [moment(2024, 9, 1)]


def test_a_column_that_contradicts_itself_is_refused_with_both_rows():
    with pytest.raises(DataError, match=r"line 2 \(13/01/2024\).*line 3 \(01/13/2024\)"):
        read("13/01/2024", "01/13/2024")


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (("2024-09-01", ""), "line 3: 'date' is empty"),
        (("", "", ""), r"line 2: 'date' is empty \(and 2 more\)"),
        (("2024-02-30",), "line 2: 'date' has '2024-02-30', no date"),
        (("0201-04-27",), "no date"),
        (("2024-13-01",), "no date"),
        (("N/A",), "no date"),
        (("2024.1",), "no date"),  # January, or October written as a number
        (("202403",), "no date"),
        (("2024-09-01 25:00",), "no date"),
        (("13/13/2024",), "no date"),
    ],
)
def test_what_is_no_date_is_refused_with_its_row(texts, message):
    with pytest.raises(DataError, match=message):
        read(*texts)


def test_mixed_ways_and_zones_are_said():
    _, notes = read("2024-09-01", "2024년 9월 2일", "2024-Q4")
    assert notes == [
        "'date' has dates in 3 ways, read alike: 2024-09-01; 2024년 9월 2일; 2024-Q4; "
        "a part of a year counts as its first day"
    ]
    moments, notes = read("2024-01-01T23:30-05:00", "2024-01-02T01:00Z", "2024-01-01")
    assert moments[0] > moments[1] > moments[2]
    assert "several zones" in notes[-1]
    assert "Excel" in read("45536")[1][0]


@pytest.mark.parametrize("form", ["DDMM", "dmy/2024", ""])
def test_a_format_that_is_none_is_refused(form):
    with pytest.raises(UsageError, match="no format of dates"):
        read("2024-09-01", form=form)
