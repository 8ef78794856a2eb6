"""Every Korean answer again, from the text alone: terms, dates, amounts, papers, circumstances."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

import pytest
from claims_rules import ReadClaim, ReadCover, full_years, number, papers, second_opinion

from harness.metrics.amounts import find_amounts
from tasks.insurer.claims import rows

LINES = {"골프": "golf", "자동차": "car", "해외여행": "travel", "건강": "health", "주택": "home",
         "일상생활": "liability"}  # fmt: skip
COVERS = {
    "홀인원 축하 비용": "ace", "골프채 파손": "breakage", "골프용품 도난": "theft",
    "충돌로 인한 차량 파손": "collision", "침수": "flood", "차량 부품 도난": "theft",
    "휴대품 도난": "baggage", "해외 의료비": "medical", "항공기 지연 비용": "delay",
    "암 진단비": "cancer", "입원 일당": "inpatient", "통원 의료비": "outpatient",
    "화재": "fire", "급배수 누수": "water", "가재도구 도난": "burglary",
    "남의 물건을 망가뜨린 배상금": "property", "남을 다치게 한 배상금": "injury",
    "민사소송 비용": "legal",
}  # fmt: skip
# The first pattern of a line that the story matches names what happened.
STORIES = {
    "golf": [("ace", "홀인원|홀컵"), ("theft", "훔쳐|가져(갔|감|가고)|들고 나가|들고 (갔|감)"), ("breakage", "부러|깨|금이|휘")],
    "car": [("theft", "빼 |도둑맞|잘라|뜯어|떼어"), ("flood", "잠겨|잠[겼김]|물바다|물이 들어|물에 빠"), ("collision", "들이받|부딪|긁히|받아")],
    "travel": [("delay", r"\d+시간"), ("medical", "치료|진료|응급실|병원에 [갔감]"), ("baggage", "가방|카메라|노트북|태블릿|스마트폰|기기")],
    "health": [("inpatient", r"\d+일 동안"), ("cancer", "암|악성 종양"), ("outpatient", "치료|진료|물리치료|레이저|쌍꺼풀|임플란트|도재")],
    "home": [("burglary", "훔쳐|가져"), ("fire", "불이|불로|전기장판이 타"), ("water", "관이|호스|배관")],
    "liability": [("legal", "소송"), ("injury", "팔이|손을 물|어깨|손목|무릎|발등|발을"), ("property", "노트북|차 문|텔레비전|휴대전화|태블릿|가방|바닥|범퍼|빔프로젝터")],
}  # fmt: skip
CIRCUMSTANCES = {
    "실내 스크린 시설에서 생긴 사고": "스크린골프|화면을 보며",
    "골프를 직업으로 하는 사람의 사고": "레슨|투어",
    "빌린 물건의 손해": "친구 것을|내고 받은 채|돌려주기로",
    "골프 연습장에서 생긴 사고": "그물망|타석을 끊고",
    "지켜보는 사람 없이 밖에 둔 물건의 도난": "세워 두고 식사|내려놓고 화장실",
    "음주·무면허 운전": "소주",
    "만 26세 미만인 사람의 운전": "스무 살|스물두 살",
    "돈을 받고 물건이나 사람을 나르는 중의 사고": "배달 앱|택배 물량",
    "경주장에서 달리던 중의 사고": "서킷",
    "창문이나 선루프를 열어 둔 차의 침수": "선루프를|뒷유리를",
    "통제된 도로에 들어간 차의 침수": "진입 금지",
    "남에게 빌려준 차의 도난": "열쇠를 맡",
    "문을 잠그지 않은 차의 도난": "시동을 켜|닫아만 (뒀|둠)",
    "놓고 오거나 잃어버린 물건": "두고 내린|올려놓고",
    "휴대전화의 도난": "스마트폰|전화도 못",
    "스쿠버다이빙·스카이다이빙 중의 사고": "공기통|낙하산",
    "여행 전부터 앓던 병": "떠나기 전|재작년부터",
    "파업으로 인한 지연": "일손을 놓",
    "본인이 늦어 놓친 항공편": "늦잠",
    "갑상선암": "갑상선암|나비 모양",
    "가입 전에 진단받은 병": "들기 한 해 전",
    "건강검진을 위한 입원": "정밀하게 검사",
    "임신·출산": "제왕절개|출산 예정일",
    "미용을 위한 치료": "기미|쌍꺼풀",
    "치과 보철": "임플란트|도재",
    "30일 넘게 비워 둔 집의 손해": "석 달째|두 달 넘게|다섯 주",
    "집을 영업에 쓰다가 난 사고": "숙박 앱|양초",
    "낡거나 녹슬어 생긴 손해": "삼십 년 된",
    "동파": "한파|영하",
    "문을 잠그지 않은 집의 도난": "현관문을 열어|닫아만 두고",
    "귀금속의 도난": "금목걸이",
    "고의나 싸움으로 생긴 사고": "말다툼",
    "같이 사는 가족이 입은 손해": "같이 사는|한집에 사는",
    "일을 하던 중에 생긴 사고": "아르바이트하는|의뢰받은|개인 지도",
    "자동차·오토바이·전동킥보드를 몰다가 생긴 사고": "킥보드",
    "빌려 쓰던 물건의 손해": "받아 온 빔프로젝터",
    "사업과 관련된 소송": "분식집",
    "친족 사이의 소송": "사촌이",
}  # fmt: skip
NAMES = (
    "비용 영수증|홀인원 증명서|동반 경기자 확인서|수리 견적서|파손 사진|골프장 확인서|구입 영수증|"
    "도난신고 확인서|사고 사진|운전면허증 사본|침수 사진|침수 확인서|피해 사진|현지 경찰 신고서|여권 사본|"
    "진료비 영수증|진단서|항공사 지연 확인서|탑승권|조직검사 결과지|신분증 사본|입퇴원 확인서|진료 확인서|"
    "처방전|화재증명원|누수 소견서|피해자 확인서|합의서|피해자 진단서|치료비 영수증|변호사 보수 영수증|"
    "소장 사본|위임 계약서"
)
CAME = "첨부|함께 보냅|앱에 올렸|보냈어요|찍어 올려|제출 서류|접수된 서류|접수함"
NOT_YET = "발급|다음 주|나오는 대로|나오면|추후|신청"
ASIDE = "보험료|작년에|새로 사려면|병원비|하루 3만|시간당|설치비|감사"
DAYS = (
    r"(?P<y>\d{4})년 (?P<m>\d+)월 (?P<d>\d+)일", r"(?P<y>\d{4})\. (?P<m>\d+)\. (?P<d>\d+)\.",
    r"(?<![\d-])(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)",
    r"(?<!\d)(?P<y>\d\d)년 (?P<m>\d+)월 (?P<d>\d+)일", r"(?P<y>\d{4})/(?P<m>\d+)/(?P<d>\d+)",
    r"(?P<y>\d{4})\.(?P<m>\d\d)\.(?P<d>\d\d)", r"(?P<m>\d+)월 (?P<d>\d+)일",
)  # fmt: skip


def amount(text: str) -> Fraction:
    """The only amount in a text."""
    (found,) = find_amounts(text, "KRW")
    return Fraction(found.value)


def cover(line: str) -> tuple[str, ReadCover]:
    name, rest = re.fullmatch(r"보장\d\. (.+?): (.+)", line).groups()
    body, papers = rest.split(". 필요 서류: ")
    read = ReadCover(name, papers.split(", "))
    read.wait, read.hours = number(r"면책기간 (\d+)일", body), number(r"(\d+)시간 이상", body)
    read.yearly = number(r"구입가의 (\d+)%\(", body)
    if daily := re.search(r"처음 (\d+)일을 뺀 입원 1일당 (.+?원), 최대 (\d+)일분", body):
        read.unpaid_days, read.daily = int(daily[1]), amount(daily[2])
        read.limit = read.daily * int(daily[3])
    elif fixed := re.search(r"진단 확정 시 (.+?원)", body):
        read.limit = amount(fixed[1])
    else:
        limit, bears, percent = re.search(
            r"한도 (.+?원), 자기부담금 (.+?), 지급률 (\d+)%", body
        ).groups()
        read.limit, read.percent = amount(limit), int(percent)
        read.deductible = Fraction(0) if bears == "없음" else amount(bears)
    return COVERS[name], read


def event_day(story: str, received: date) -> date:
    for form in DAYS:
        if found := re.search(form, story):
            year = int(found["y"]) if "y" in found.groupdict() else received.year
            return date(year + 2000 * (year < 100), int(found["m"]), int(found["d"]))
    raise AssertionError(f"no day in {story}")


def loss(sentences: list[str]) -> Fraction:
    """What the papers say; a sentence with a demand holds that amount and another one."""
    total = Fraction(0)
    for sentence in sentences:
        if re.search(ASIDE, sentence) or "청구합니다" in sentence or "청구해요" in sentence:
            continue
        if "받고 싶" in sentence:
            sentence = re.search(r"에 (.+?원)으로 나와", sentence)[1]
        total += sum(Fraction(found.value) for found in find_amounts(sentence, "KRW"))
    return total


def years(text: str, event: date) -> int:
    if found := re.search(r"사고 (\d+)년 \d+개월 전", text):
        return int(found[1])
    if found := re.search(r"(?<!\d)(\d{2,4})년 (\d+)월에", text):
        year = int(found[1])
        return full_years((year + 2000 * (year < 100), int(found[2])), event)
    return 0


def read(text: str) -> ReadClaim:
    terms, report = text.split("\n\n", 1)
    head, first, second, refused = terms.split("\n")
    line = next(key for word, key in LINES.items() if word in head)
    start, end = map(date.fromisoformat, re.findall(r"\d{4}-\d\d-\d\d", head))
    header = r"(접수일: |접수 |메모 |청구 \()(?P<day>\d{4}-\d\d-\d\d)"
    received = date.fromisoformat(re.search(header, report)["day"])
    report = re.sub(header, "", report)
    # A sentence ends at a stop after Hangul, or at a new line; "2024. 3. 5." goes on.
    sentences = [part for part in re.split(r"(?<=[가-힣]\.|요!)\s+|\n", report) if part]
    sentences = [part.replace("청구함", "청구합니다") for part in sentences]
    event = event_day(report, received)
    came = [part for part in sentences if re.search(CAME, part) and not re.search(NOT_YET, part)]
    story = " ".join(part for part in sentences if not re.search(f"{CAME}|{NOT_YET}", part))
    told = [part for part in sentences if "계좌" not in part and "증권번호" not in part]
    return ReadClaim(
        start=start, end=end, covers=dict(map(cover, (first, second))),
        refused=refused.removeprefix("지급하지 않는 경우: ").split("; "), event=event,
        peril=next(peril for peril, words in STORIES[line] if re.search(words, story)),
        circumstances={word for word, signs in CIRCUMSTANCES.items() if re.search(signs, story)},
        loss=loss(told), days=number(r"(\d+)일 동안", story), hours=number(r"(\d+)시간", story),
        years=years(report, event), enclosed=papers(came, NAMES.split("|")),
    )  # fmt: skip


@pytest.mark.parametrize(("world", "version"), [(7, 1), (7, 2), (8, 1)])
def test_the_text_alone_gives_every_answer(world, version):
    labels = {"pay": "지급", "deny": "부지급", "documents": "서류 요청"}
    for row in rows(world, version, "ko"):
        label, due = second_opinion(read(row["input"]))
        answer = labels[label] + (f" {int(due):,}원" if label == "pay" else "")
        assert answer == row["answer"], f"{row['id']} ({row['trap']})\n{row['input']}"
