"""Texts as offices write them; neither Korean nor Western text is taken for the other."""

from __future__ import annotations

import pytest

from harness.decoding import decode, table_text
from harness.errors import DataError

KOREAN = (
    "보험금,지급\n무배당 암보험(갱신형) 제3조: 피보험자가 △1,234원을 청구한 경우\n",
    "상품명;등급\n펀드 A 수익률 5.2% · “안정형”;중요\n",
    "name,note\nAlder Mutual wrote to customers about the new office in 서울 and moved on,예\n",
    "보험금\n保險金 지급, 甲과 乙 (株)한화\n",
    "금액\n△1,234,㎡ 기준 ①, 5℃\n",
    "질문\n똠방각하 햏햏\n휴직은 몇 년인가? 육아휴직 기간은 2년이다\n",  # syllables beyond KS X 1001
)
WESTERN = (
    "text,label\nthe insurer’s report – “final” … €5\n",
    "text,label\ncafé déjà créée, naïve façade\n",
    "text;label\nÄrger über Größe: Öl, Übung, Fußball\n",
    "text\nseñor ¿qué? INFORMAÇÃO não está\n",
    "text\nINFORMAÇÃO E PREVENÇÃO\n",
    "text\nNº 5, 1ª planta, 20 °C – “Émile”\n",
    "text\nit’s Alder’s, Birch’s and Cedar’s\n",
)


@pytest.mark.parametrize("text", KOREAN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_korean_text_comes_back(text, encoding):
    assert table_text(text.encode(encoding), "a.csv")[0] == text


def test_a_short_korean_word_is_no_broken_utf8():
    assert decode("아니요".encode("cp949"))[0] == "아니요"


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_western_text_comes_back(text, encoding):
    assert table_text(text.encode(encoding), "a.csv")[0] == text


def test_utf16_without_a_mark_comes_back():
    assert decode(KOREAN[0].encode("utf-16-le")) == (KOREAN[0], "utf-16-le")


def test_what_was_recognised_is_said_unless_it_is_utf8():
    assert table_text(WESTERN[0].encode(), "a.csv")[1] == []
    assert "Windows-1252" in table_text(WESTERN[0].encode("cp1252"), "a.csv")[1][0]
    assert "CP949" in table_text(KOREAN[0].encode("cp949"), "a.csv")[1][0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("名前,答え\n東京の天気はどうですか、晴れです\n", "shift_jis"),
        ("名前,答え\n東京の天気はどうですか、晴れです\n", "euc_jp"),
        ("问题,答案\n保险公司的报告说利润上升了，这是好消息\n", "gb18030"),
        ("问题,答案\n保險公司的報告說利潤上升了，這是好消息\n", "big5"),
        ("вопрос,ответ\nприбыль страховой компании выросла\n", "cp1251"),
    ],
)
def test_text_of_other_encodings_is_refused_and_not_misread(text, encoding):
    with pytest.raises(DataError, match="in no known encoding"):
        decode(text.replace("问", "問").replace("题", "題").encode(encoding, "ignore"))


def test_utf8_with_a_broken_byte_is_no_western_text():
    data = ("질문,답\n" + "휴직 기간은?,2년\n" * 5).encode()
    broken = data[:-20] + b"\xec" + data[-20:]
    with pytest.raises(DataError, match="line 6"):
        decode(broken)


def test_a_byte_that_no_encoding_has_is_refused_with_its_line():
    with pytest.raises(DataError, match=r"a.csv is in no known encoding \(line 2\)"):
        table_text(b"text\n\x81\x81\x81\n", "a.csv")


def test_a_nul_is_refused_with_its_line():
    with pytest.raises(DataError, match="a.csv, line 3: there is a NUL"):
        table_text(b"text\nx\ny\0z\n" + b"w\n" * 50, "a.csv")


def test_line_ends_of_an_old_macintosh_end_lines():
    text, notes = table_text(b"a,b\r1,2\r3,4\r", "a.csv")
    assert text == "a,b\n1,2\n3,4\n" and "Macintosh" in notes[0]
