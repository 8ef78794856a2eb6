"""XML becomes objects, lists and texts, within bounds."""

from __future__ import annotations

import pytest

from harness.decoding import parse_xml
from harness.errors import DataError


@pytest.mark.parametrize(
    ("xml", "value"),
    [
        ("<a><b>1</b><b>2</b></a>", ["1", "2"]),
        ('<a x="1"><b>1</b><b>2</b></a>', {"x": "1", "b": ["1", "2"]}),
        ("<r><a><b/><b/></a><c/></r>", {"a": ["", ""], "c": ""}),
        ('<s><t>x &amp; y</t><t id="1">z</t></s>', ["x & y", {"id": "1", "text": "z"}]),
        ("<p>one <b>two</b> three</p>", {"text": "one two three", "b": "two"}),
        ('<n:a xmlns:n="u"><n:b>1</n:b><n:c>2</n:c></n:a>', {"b": "1", "c": "2"}),
    ],
)
def test_elements_are_objects_lists_and_texts(xml: str, value: object) -> None:
    assert parse_xml(xml.encode(), "a.xml") == value


def test_a_list_of_one_is_a_list_where_others_have_several() -> None:
    xml = b"<r><s><os><o>1</o><o>2</o></os></s><s><os><o>3</o></os></s><s><os/></s></r>"
    assert parse_xml(xml, "a.xml") == [{"os": ["1", "2"]}, {"os": ["3"]}, {"os": []}]


def test_the_declared_encoding_is_read() -> None:
    xml = '<?xml version="1.0" encoding="euc-kr"?>\n<글>청구</글>'.encode("cp949")
    assert parse_xml(xml, "a.xml") == "청구"


@pytest.mark.parametrize(
    ("xml", "why"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares XML entities"),
        ("<a><b></a>", "is no XML"),
        ("<a>" * 60 + "</a>" * 60, "is nested deeper than 50 levels"),
    ],
)
def test_what_is_none_is_refused(xml: str, why: str) -> None:
    with pytest.raises(DataError, match=f"a.xml {why}"):
        parse_xml(xml.encode(), "a.xml")
