"""Reports as customers, telephone agents and adjusters write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from ...ko.korean import fill
from ..model import Facts, Policy
from ..narrate import Voice, narrate
from ..registers import spoken
from .wording import day, money

FORMAL, CASUAL, MEMO = 0, 1, 2
STYLES = {"email": FORMAL, "chat": CASUAL, "phone": MEMO, "memo": MEMO, "form": MEMO}


def _say(text: str, register: int, **slots: str) -> str:
    return fill(spoken(text, register), **slots)


def _ago(bought: date, event: date, rng: Random) -> str:
    """When a thing was bought: a month, or how long before the event."""
    months = (event.year - bought.year) * 12 + event.month - bought.month
    year = rng.choice((f"{bought.year}년", f"{bought.year % 100}년"))
    return rng.choice(
        (f"{year} {bought.month}월에", f"사고 {months // 12}년 {months % 12}개월 전에")
    )


VOICE = Voice(
    enclosed=(
        (
            "{docs}[을/를] 첨부합니다.",
            "첨부한 서류는 {docs}입니다.",
            "{docs}[을/를] 함께 보냅니다.",
        ),
        ("{docs}[은/는] 앱에 올렸어요.", "서류는 {docs} 보냈어요.", "{docs} 사진 찍어 올려요."),
        ("제출 서류: {docs}.", "접수된 서류는 {docs}임.", "{docs} 접수함."),
    ),
    later=(
        (
            "{doc}[은/는] 발급받는 대로 보내겠습니다.",
            "{doc}[은/는] 다음 주에 따로 보내 드리겠습니다.",
            "{doc}[은/는] 신청해 두었고 나오면 바로 올리겠습니다.",
        ),
        (
            "{doc}[은/는] 나오는 대로 올릴게요.",
            "{doc}[은/는] 아직 못 받아서 다음 주에 보낼게요.",
            "{doc}[은/는] 신청만 해 놨어요.",
        ),
        (
            "{doc}[은/는] 추후 제출 예정.",
            "{doc}[은/는] 발급 신청만 해 둔 상태라고 함.",
            "{doc}[은/는] 다음 주에 내기로 함.",
        ),
    ),
    single=("{what}[은/는] {a}<입니다|이에요|임>.", "{what}[이/가] {a} 나<왔습니다|왔어요|옴>."),
    single_quoted=("{paper}에 적힌 {what}[은/는] {a}<입니다|이에요|임>.",),
    parts=(
        "{p} {a}, {q} {b}[이/가] 나<왔습니다|왔어요|옴>.",
        "{what}[은/는] {p} {a}에 {q} {b}[을/를] 더한 금액<입니다|이에요|임>.",
    ),
    bought=(
        "{ago} {a}에 산 물건<입니다|이에요|임>.",
        "구입가는 {a}이고 {ago} <샀습니다|샀어요|샀음>.",
    ),
    bought_quoted=("영수증상 {a}, {ago} 산 것<입니다|이에요|임>.",),
    claimed=(
        "{x}[을/를] 청구<합니다|해요|함>. {paper}에 적힌 {what}[은/는] {a}<입니다|이에요|임>.",
        "{what}[은/는] {paper}에 {a}으로 나와 있는데, 불편을 겪은 것까지 더해 {x}[을/를] "
        "받고 싶<습니다|어요|다고 함>.",
    ),
    asides=(
        "작년에 다른 건으로 {x}[을/를] 받은 적이 있<습니다|어요|음>.",
        "<상담 연결까지 20분을 기다렸습니다|상담 연결까지 20분이나 기다렸어요|"
        "통화 대기가 20분이었다고 불만을 말함>.",
        "<가능하면 이번 달 안에 처리해 주시면 감사하겠습니다|이번 달 안에 처리되면 좋겠어요|"
        "이번 달 안에 처리해 달라고 요청함>.",
        "<담당 설계사님께 먼저 문의드렸습니다|담당 설계사님한테 먼저 물어봤어요|"
        "담당 설계사에게 먼저 문의했다고 함>.",
    ),
    premium="월 보험료 {x}[은/는] 한 번도 밀린 적이 없<습니다|어요|음>.",
    dearer="같은 것을 지금 새로 사려면 {x}쯤 든다고 <합니다|해요|함>.",
    bill="병원비로 지금까지 {x}[을/를] <냈습니다|냈어요|냄>.",
    say=_say,
    money=money,
    day=day,
    ago=_ago,
    listed=", ".join,
    coarse=10_000,
)


def report(policy: Policy, facts: Facts, style: str, rng: Random) -> str:
    """Writes a report.

    Args:
        policy: For the customer and the number.
        facts: What it says.
        style: One of `STYLES`.
        rng: Chooses words, order and asides.

    Returns:
        Several lines.
    """
    told = narrate(policy.line, facts, STYLES[style], VOICE, rng)
    return _FRAMES[style](policy, facts, told, rng)


def _email(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    who = f"안녕하세요, {policy.person.name}입니다. 증권번호는 {policy.number}입니다."
    if rng.random() < 0.4:
        who += f" 주민등록번호는 {policy.person.national_number}입니다."
    end = rng.choice((
        f"연락처는 {policy.person.phone}입니다. 감사합니다.",
        f"보험금은 {policy.person.account} 계좌로 부탁드립니다.",
        f"회신은 {policy.person.email} 주소로 부탁드립니다.",
    ))  # fmt: skip
    return f"제목: 보험금 청구 ({facts.received})\n{who} {' '.join(told)} {end}"


def _chat(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    head = rng.choice(
        (
            f"증권번호 {policy.number} 보험금 청구하려고요.",
            f"보험금 청구요! 증권번호는 {policy.number}예요.",
        )
    )
    if head.endswith("예요.") and policy.number[-1] in "013678":
        head = f"{head[:-3]}이에요."
    end = rng.choice((
        f"제 번호는 {policy.person.phone}, 이름은 {policy.person.name}입니다.",
        f"{policy.person.account} {policy.person.name} 계좌로 주세요.",
        f"보험료 나가는 카드는 {policy.person.card}, 이름은 {policy.person.name}입니다.",
    ))  # fmt: skip
    return f"[채팅 접수 {facts.received}]\n{head} {' '.join(told)} {end}"


def _phone(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    head = f"[전화 접수 {facts.received}] {policy.person.name} 고객, 연락처 {policy.person.phone}"
    return f"{head}, 증권번호 {policy.number}.\n{' '.join(told)}"


def _memo(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    who = (
        f"{policy.person.name}({policy.person.national_number})"
        if rng.random() < 0.6
        else policy.person.name
    )
    head = f"[보상팀 메모 {facts.received}] 계약자 {who}, 증권번호 {policy.number}"
    return f"{head}\n{' '.join(told)}"


def _form(policy: Policy, facts: Facts, told: Sequence[str], rng: Random) -> str:
    lines = [f"접수일: {facts.received}", f"증권번호: {policy.number}", f"청구인: {policy.person.name}",
             f"연락처: {policy.person.phone}"]  # fmt: skip
    if rng.random() < 0.5:
        lines.append(f"계좌: {policy.person.account}")
    rng.shuffle(lines)
    return "\n".join(["보험금 청구서", *lines, *(f"- {line}" for line in told)])


_FRAMES = {"email": _email, "chat": _chat, "phone": _phone, "memo": _memo, "form": _form}
