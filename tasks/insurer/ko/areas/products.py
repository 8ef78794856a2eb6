"""보험상품: ten products, three covers each; neighbours look alike and differ in their values."""

# Topics are rows of a table, and read best with one on a line.
from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...draw import Draw
from ...world import Fact, Value
from ..pools import codes, dates, man_won, pairs, percentages, periods
from ..values import Unknown
from .base import ABSENT, NEAR_MISS, Area
from .product_banks import (
    AMENDED,
    CODE,
    DEDUCTIBLE,
    DISCOUNT,
    EXCLUSIONS,
    LAUNCHED,
    LIMIT,
    PAPERS,
    WAITING,
)


class Product(NamedTuple):
    """A product, its code's letters, its discount, and what the lists of all its covers draw from."""

    key: str
    name: str
    code: str
    discount: str
    exclusions: str
    papers: str


class Cover(NamedTuple):
    """A cover: its limit's and deductible's range in 만원 (low, high, step), and what it has.

    Its lists take one item from its product's and one from its own, so that they suit the cover.
    """

    product: str
    key: str
    name: str
    event: str
    limit: tuple[int, int, int]
    deductible: tuple[int, int, int] | None = None
    waiting: tuple[str, int, int] | None = None
    excludes: str = ""
    papers: str = ""


PRODUCTS = (
    Product("golf", "골프보험", "GF", "단체 가입 할인율",
            "고의 사고|해외 라운드|프로 선수 경기", "청구서|골프장 확인서|라운드 예약 내역"),
    Product("auto", "자동차보험", "AU", "무사고 할인율",
            "음주운전|무면허 운전|유상 운송", "청구서|사고 사실확인서|운전면허증 사본"),
    Product("driver", "운전자보험", "DR", "안전운전 할인율",
            "음주운전|무면허 운전|뺑소니", "청구서|사고 사실확인서|신분증 사본"),
    Product("home_travel", "국내여행보험", "DT", "가족 가입 할인율",
            "위험 레저 활동|음주 사고|업무 출장", "청구서|여행 일정표|숙박 영수증"),
    Product("abroad_travel", "해외여행보험", "OT", "조기 가입 할인율",
            "전쟁 지역 여행|불법 체류|위험 레저 활동", "청구서|여권 사본|항공권 사본"),
    Product("cancer", "암보험", "CA", "비흡연 할인율",
            "가입 전 진단|해외 진단|자해", "청구서|암 진단서|신분증 사본"),
    Product("dental", "치아보험", "DE", "정기검진 할인율",
            "가입 전 충치|미용 목적 치료|재치료", "청구서|치과 진료기록|진료비 영수증"),
    Product("pet", "반려동물보험", "PE", "동물등록 할인율",
            "가입 전 질병|투견 대회|미등록 동물", "청구서|동물등록증 사본|반려동물 사진"),
    Product("fire", "화재보험", "FI", "스프링클러 할인율",
            "고의 방화|지진|폭동", "청구서|등기부등본|현장 사진"),
    Product("liability", "영업배상책임보험", "LI", "안전인증 할인율",
            "고의 사고|벌과금|무허가 영업", "청구서|사고 경위서|사업자등록증 사본"),
)  # fmt: skip

COVERS = (
    Cover("golf", "hole_in_one", "홀인원 비용", "골프보험 고객이 홀인원을 했는데", (150, 900, 10), None, ("일", 10, 45),
          "이벤트 라운드|파3 연습장|혼자 친 라운드", "홀인원 증명서|동반자 확인서|축하 비용 영수증"),
    Cover("golf", "clubs", "골프용품 손해", "골프보험 고객의 골프채가 부러졌는데", (80, 400, 10), (3, 20, 1), None,
          "", "파손 사진|수리 견적서|구매 영수증"),
    Cover("golf", "third_party", "골프 배상책임", "골프보험 고객이 친 공에 다른 사람이 맞았는데", (1000, 6000, 100), (5, 40, 1), None,
          "가족의 부상|캐디의 부상|음주 라운드", ""),
    Cover("auto", "property", "대물배상", "자동차보험 고객이 남의 차를 들이받았는데", (5000, 29000, 500), (10, 50, 1), None,
          "", "수리 견적서|피해 차량 사진|합의서"),
    Cover("auto", "own_car", "자기차량손해", "자동차보험 고객이 운전하다 자기 차를 망가뜨렸는데", (2000, 9000, 100), (20, 70, 1), None,
          "타이어 마모|내비게이션 파손|경주용 사용", "차량등록증 사본|블랙박스 영상|정비 명세서"),
    Cover("auto", "own_body", "자기신체사고", "자동차보험 고객이 운전 중 사고로 본인이 다쳤는데", (1500, 9900, 100), None, None,
          "자해|고의 사고|약물 운전", ""),
    Cover("driver", "settlement", "교통사고 처리지원금", "운전자보험 고객이 교통사고 피해자와 형사 합의를 했는데", (3000, 20000, 500), None, None,
          "가족 간 사고|보복운전|이륜차 운전", "합의서|공소장 사본|피해자 진단서"),
    Cover("driver", "lawyer", "변호사 선임비용", "운전자보험 고객이 교통사고로 변호사를 선임했는데", (500, 4900, 100), (10, 90, 5), ("일", 20, 90),
          "", "변호사 선임 계약서|판결문 사본|수임료 영수증"),
    Cover("driver", "fine", "벌금", "운전자보험 고객이 교통사고로 벌금을 물게 됐는데", (300, 2900, 100), None, None,
          "과태료|범칙금|약물 운전", ""),
    Cover("home_travel", "belongings", "휴대품 손해", "국내여행보험 고객이 여행 중 카메라를 깨뜨렸는데", (30, 300, 5), (1, 15, 1), None,
          "현금 분실|자연 마모|안경 파손", "파손 사진|수리 견적서|구매 영수증"),
    Cover("home_travel", "cancel", "여행 취소 비용", "국내여행보험 고객이 여행을 취소했는데", (20, 250, 5), (1, 12, 1), ("일", 3, 20)),
    Cover("home_travel", "medical", "상해 의료비", "국내여행보험 고객이 여행 중 다쳐서 치료를 받았는데", (200, 1900, 50), (1, 15, 1), None,
          "여행 전 질병|미용 치료|예방 접종", ""),
    Cover("abroad_travel", "belongings", "휴대품 손해", "해외여행보험 고객이 여행 중 가방을 도둑맞았는데", (50, 400, 5), (1, 20, 1), None,
          "현금 분실|여권 압수|방치한 가방", "현지 경찰 확인서|구매 영수증|도난 물품 목록"),
    Cover("abroad_travel", "delay", "항공기 지연 비용", "해외여행보험 고객의 비행기가 지연돼 숙박비가 들었는데", (10, 120, 2), None, ("시간", 2, 12),
          "", "지연 확인서|숙박 영수증|식비 영수증"),
    Cover("abroad_travel", "medical", "해외 의료비", "해외여행보험 고객이 현지 병원에서 치료를 받았는데", (1000, 9500, 100), (5, 30, 1), None,
          "여행 전 질병|치과 치료|미용 치료", ""),
    Cover("cancer", "diagnosis", "암 진단비", "암보험 고객이 암 진단을 받았는데", (1000, 7900, 100), None, ("일", 60, 180),
          "양성 종양|조직검사 미실시|경계성 종양", "조직검사 결과지|영상 판독지|병리 보고서"),
    Cover("cancer", "surgery", "암 수술비", "암보험 고객이 암 수술을 받았는데", (200, 1900, 50), None, ("일", 60, 180),
          "예방 목적 수술|단순 조직검사|미용 목적 수술", "수술 확인서|입퇴원 확인서|수술비 영수증"),
    Cover("cancer", "chemo", "항암 치료비", "암보험 고객이 항암 치료를 받고 있는데", (300, 3900, 50), None, ("일", 60, 180)),
    Cover("dental", "implant", "임플란트 치료비", "치아보험 고객이 임플란트를 심었는데", (50, 250, 5), (5, 30, 1), ("개월", 2, 20),
          "사랑니 발치|교정용 임플란트|틀니 교체", ""),
    Cover("dental", "crown", "크라운 치료비", "치아보험 고객이 이에 크라운을 씌웠는데", (15, 90, 1), (1, 9, 1), ("개월", 2, 20),
          "라미네이트|임시 치아|치아 교정", "엑스레이 사진|치료 전후 사진|치료 확인서"),
    Cover("dental", "nerve", "신경 치료비", "치아보험 고객이 신경 치료를 받았는데", (5, 50, 1), None, ("개월", 2, 20)),
    Cover("pet", "treatment", "동물병원 치료비", "반려동물보험 고객의 강아지가 동물병원에서 치료를 받았는데", (100, 950, 10), (1, 12, 1), ("일", 10, 60),
          "예방접종 비용|미용 비용|출산 비용", "동물병원 영수증|진료기록부|처방 내역서"),
    Cover("pet", "surgery", "동물 수술비", "반려동물보험 고객의 강아지가 수술을 받았는데", (150, 1200, 10), (5, 40, 1), ("일", 10, 90)),
    Cover("pet", "third_party", "반려동물 배상책임", "반려동물보험 고객의 강아지가 다른 사람을 물었는데", (500, 4900, 100), (5, 50, 1), None,
          "가족의 부상|목줄 미착용|다른 동물의 부상", "피해자 진단서|합의서|사고 경위서"),
    Cover("fire", "building", "건물 화재손해", "화재보험 고객의 건물에 불이 났는데", (10000, 69000, 1000), (50, 300, 10), None,
          "공사 중 화재|무허가 증축|빈집 화재", "화재증명원|복구 견적서|건축물대장"),
    Cover("fire", "contents", "가재도구 손해", "화재보험 고객의 가재도구가 불에 탔는데", (1000, 8900, 100), (10, 90, 5), None,
          "현금 소실|귀금속 소실|자연 발열", ""),
    Cover("fire", "leak", "급배수 누출 손해", "화재보험 고객의 집에서 수도관이 터져 물이 샜는데", (300, 2900, 50), (10, 90, 5), ("일", 15, 90),
          "", "배관 수리 내역서|누수 소견서|피해 물품 목록"),
    Cover("liability", "premises", "시설 사고 배상", "영업배상책임보험에 든 매장에서 손님이 넘어져 다쳤는데", (5000, 39000, 500), (10, 99, 1), None,
          "직원의 부상|공사 중 사고|주차장 사고", "피해자 진단서|현장 사진|CCTV 영상"),
    Cover("liability", "goods", "생산물 배상", "영업배상책임보험에 든 업체의 제품을 쓰던 소비자가 다쳤는데", (5000, 49000, 500), (50, 250, 10), None,
          "리콜 비용|제품 자체 손해|지연 손해", ""),
    Cover("liability", "food", "음식물 배상", "영업배상책임보험에 든 식당에서 손님이 식중독에 걸렸는데", (1000, 9900, 100), (10, 80, 2), None,
          "", "위생 점검표|식중독 진단서|식재료 구매 내역"),
)  # fmt: skip

# Covers and products that the company does not have: (product, cover, event, attribute).
NOT_THERE = (
    (
        "golf",
        "cart",
        "골프보험",
        "골프카트 손해",
        "골프보험 고객이 골프카트를 망가뜨렸는데",
        "limit",
    ),
    (
        "auto",
        "tyre",
        "자동차보험",
        "타이어 손해",
        "자동차보험 고객의 타이어가 찢어졌는데",
        "deductible",
    ),
    (
        "home_travel",
        "rental",
        "국내여행보험",
        "렌터카 손해",
        "국내여행보험 고객이 렌터카를 긁었는데",
        "deductible",
    ),
    (
        "abroad_travel",
        "kidnap",
        "해외여행보험",
        "납치 위로금",
        "해외여행보험 고객이 납치를 당했는데",
        "limit",
    ),
    (
        "cancer",
        "hospice",
        "암보험",
        "호스피스 비용",
        "암보험 고객이 호스피스에 입원했는데",
        "waiting",
    ),
    (
        "dental",
        "whitening",
        "치아보험",
        "잇몸 성형 비용",
        "치아보험 고객이 잇몸 성형을 했는데",
        "limit",
    ),
    (
        "pet",
        "funeral",
        "반려동물보험",
        "장례 비용",
        "반려동물보험 고객의 강아지가 죽어 장례를 치렀는데",
        "papers",
    ),
    (
        "fire",
        "flood",
        "화재보험",
        "풍수해 손해",
        "화재보험 고객의 집이 물에 잠겼는데",
        "deductible",
    ),
    (
        "bicycle",
        "theft",
        "자전거보험",
        "자전거 도난",
        "자전거보험 고객이 자전거를 도둑맞았는데",
        "limit",
    ),
    (
        "drone",
        "third_party",
        "드론보험",
        "드론 배상책임",
        "드론보험 고객의 드론이 사람을 다치게 했는데",
        "deductible",
    ),
    (
        "hiking",
        "rescue",
        "등산보험",
        "산악 구조 비용",
        "등산보험 고객이 산에서 구조됐는데",
        "papers",
    ),
    (
        "wedding",
        "cancel",
        "결혼식보험",
        "예식 취소 비용",
        "결혼식보험 고객이 예식을 취소했는데",
        "exclusions",
    ),
    (
        "fishing",
        "gear",
        "낚시보험",
        "낚시용품 손해",
        "낚시보험 고객의 낚싯대가 부러졌는데",
        "exclusions",
    ),
)
PRODUCTS_NOT_SOLD = (
    ("ski", "스키보험", "launched", ""),
    ("concert", "공연보험", "amended", ""),
    ("camping", "캠핑보험", "code", ""),
    ("ship", "선박보험", "discount", "무사고 할인율"),
)

LABELS = {
    "limit": ("보상 한도", LIMIT),
    "deductible": ("자기부담금", DEDUCTIBLE),
    "waiting": ("면책기간", WAITING),
    "exclusions": ("보상하지 않는 손해", EXCLUSIONS),
    "papers": ("청구 서류", PAPERS),
    "launched": ("판매 개시일", LAUNCHED),
    "amended": ("약관 개정일", AMENDED),
    "code": ("상품 코드", CODE),
    "discount": ("할인율", DISCOUNT),
}


def facts(draw: Draw) -> Iterator[Fact]:
    """Yields the area's facts."""
    area = Area("product", "보험상품", draw)
    by_key = {product.key: product for product in PRODUCTS}
    for product in PRODUCTS:
        yield from _product(area, product)
    for cover in COVERS:
        yield from _cover(area, by_key[cover.product], cover)
    for product_key, cover_key, name, cover_name, event, attribute in NOT_THERE:
        unknown = NEAR_MISS if product_key in by_key else ABSENT
        subject = (f"{product_key}-{cover_key}", f"{name} {cover_name}")
        yield _ask(area, subject, attribute, unknown, p=name, c=cover_name, event=event)
    for product_key, name, attribute, discount in PRODUCTS_NOT_SOLD:
        yield _ask(area, (product_key, name), attribute, ABSENT, p=name, d=discount)


def _ask(
    area: Area,
    subject: tuple[str, str],
    attribute: str,
    values: tuple[Value, ...] | Unknown,
    **slots: str,
) -> Fact:
    label, bank = LABELS[attribute]
    return area.fact(subject, (attribute, label), values, bank, **slots)


def _product(area: Area, product: Product) -> Iterator[Fact]:
    who = (product.key, product.name)
    yield _ask(area, who, "launched", dates(2012, 2020), p=product.name)
    yield _ask(area, who, "amended", dates(2021, 2024), p=product.name)
    yield _ask(area, who, "code", codes(product.code, 11, 99), p=product.name)
    yield _ask(area, who, "discount", percentages(2, 24), p=product.name, d=product.discount)


def _cover(area: Area, product: Product, cover: Cover) -> Iterator[Fact]:
    """Yields what the cover has; two things that it lacks are asked for, as near misses."""
    who = (f"{product.key}-{cover.key}", f"{product.name} {cover.name}")
    slots = {"p": product.name, "c": cover.name, "event": cover.event}
    yield _ask(area, who, "limit", man_won(*cover.limit), **slots)
    if cover.deductible:
        yield _ask(area, who, "deductible", man_won(*cover.deductible), **slots)
    elif cover.key in ("settlement", "own_body"):
        yield _ask(area, who, "deductible", NEAR_MISS, **slots)
    if cover.waiting:
        yield _ask(area, who, "waiting", periods(*cover.waiting), **slots)
    elif cover.key in ("clubs", "own_car", "contents"):
        yield _ask(area, who, "waiting", NEAR_MISS, **slots)
    if cover.excludes:
        yield _ask(area, who, "exclusions", pairs(product.exclusions, cover.excludes), **slots)
    if cover.papers:
        yield _ask(area, who, "papers", pairs(product.papers, cover.papers), **slots)
