"""Recognises text in a document that reads as an instruction to the model that is given it.

A short list of what such texts do, in Korean and English. It warns; it neither removes anything nor
says that a text without a match is harmless: docs/security.md has how much of it is found.
"""

from __future__ import annotations

import re

__all__ = ["instruction_in"]

_SHOWN = 120  # characters of what was found

_GAP = r"[^.!?。]"
_ENGLISH = re.compile(
    # It sets aside what was asked.
    r"\b(?:ignor(?:e|ing)|disregard|forget|override|bypass)\b"
    rf"{_GAP}{{0,40}}\b(?:instructions?|questions?|prompts?|guidelines|context|above|previous|prior)\b"
    # It takes the place of another speaker.
    r"|<\|\w{2,20}\|>|<<SYS>>|\[/?INST\]|<(?:start|end)_of_turn>|</?tool_(?:call|response)>"
    r"|(?:^|[\[(#]) ?(?:system|assistant|developer)(?: (?:message|prompt|note|override))? ?[\])]?:"
    r"|\[(?:system|assistant|developer)\]|[\[(](?:tool|function|search)[ _](?:result|output|response)s?[\])]"
    r"|#{2,} ?(?:new )?(?:instruction|system)s?\b"
    # It speaks to a model, of what that is and has to do.
    rf"|\b(?:AI|LLM|(?:language )?model|assistant|chatbot)s?\b(?! (?:manager|director|vice|secretary|adjuster))"
    rf"{_GAP}{{0,50}}\b(?:must|should|shall|has to|have to)"
    r" (?:now |only |always |never )?(?:answer|reply|respond|say|output|ignore|write|tell)"
    r"|\b(?:note|attention|message|notice|hint)(?: to| for)?,? (?:the |any |all |every )?(?:AI|LLM|(?:large )?language model|assistant|chatbot)s?\b"
    r"|\bif you(?:'re| are) (?:an? |the )?(?:AI|LLM|(?:large )?language model|assistant|chatbot)\b"
    r"|\b(?:do not|don't|never) answer (?:the|this|any|that) (?:\w+ )?question\b"
    rf"|\byou (?:must|will|shall|should) (?:now |only |always )?(?:answer|respond|reply|act|behave|pretend)\b{_GAP}{{0,30}}\b(?:every|all|any|as)\b"
    r"|\byou are (?:now|no longer) (?:an? |the |in )?(?:\w+ )?(?:AI|LLM|model|assistant|chatbot|bot|agent|mode)\b"
    r"|\byour (?:only|new|real|actual) (?:task|job|role|instructions?)\b"
    r"|\bnew instructions?:|\b(?:reveal|print|repeat|show)\b[^.!?]{0,20}\b(?:system prompt|your instructions)\b"
    # It says what to answer.
    r"|\b(?:answer|reply|respond|output|say|print|write)\b (?:only|nothing but)\b"
    rf"|\b(?:answer|reply|respond)\b (?:to )?(?:every|all|any) (?:question|request)s?\b{_GAP}{{0,20}}\b(?:with|by|as)\b"
    # It sends something elsewhere.
    rf"|\b(?:put|add|append|include|insert|attach|send)\b{_GAP}{{0,60}}https?://"
    r"|!\[[^\]]{0,80}\]\(https?://[^)\s]{0,200}\?",
    re.I,
)
# Matched without spaces: a page breaks Korean lines anywhere.
_KOREAN = re.compile(
    rf"(?:지시|명령|질문|프롬프트|지침|안내|문서|내용){_GAP}{{0,12}}(?:무시하(?:고|라|십시오|세요|며|여)|무시해|무시한다|잊어|잊고|따르지(?:말|마))"
    rf"|(?:인공지능|(?<![A-Za-z])AI|언어모델|챗봇|어시스턴트|LLM){_GAP}{{0,30}}(?:답하|답변하|답해|대답하|출력하|출력해|말하|말해|무시하)"
    rf"|(?:인공지능|(?<![A-Za-z])AI|언어모델|챗봇|LLM)(?:비서|모델|도우미|어시스턴트)?(?:에게|에|께)(?:알림|전달|지시|공지|알린다|알립니다|요청)"
    rf"|질문(?:에는|에|을)?(?:답하지|답변하지|대답하지|신경쓰지)(?:말|마)|명령{_GAP}{{0,12}}취소되"
    rf"|(?:이제부터|지금부터|앞으로는?|이후로는?)(?:너는|당신은|{_GAP}{{0,20}}(?:답한다|답하라|답하[여세십]|답해|대답하|대답해|출력하|출력해))"
    r"|(?:라고|으로|로)만(?:답하|답한|답해|답변하|답변해|대답하|대답해|출력하|출력해|말하|말해)"
    rf"|(?:너는|당신은)(?:더이상)?{_GAP}{{0,20}}(?:(?:비서|모델|인공지능|AI|챗봇)(?:이다|다|입니다|가아니)|역할)"
    rf"|(?:시스템프롬프트|시스템메시지){_GAP}{{0,20}}(?:출력|공개|알려|말)"
    r"|\[(?:도구|함수|검색|시스템)(?:의)?(?:결과|출력|응답|메시지|지시)?\]|(?:^|[.!?。])시스템(?:메시지|지시):"
    rf"|(?:링크|주소|URL|이미지){_GAP}{{0,20}}(?:붙이|붙인|붙여|넣|포함|추가|열어|클릭|접속){_GAP}{{0,20}}https?://"
    rf"|https?://\S{{1,80}}(?:을|를|로|에)(?:붙이|붙여|넣|포함|추가|보내|전송|접속|클릭)"
)


def instruction_in(text: str) -> str:
    """Returns what of a text reads as an instruction to a model; empty where nothing does."""
    flat = " ".join(text.split())
    if found := _ENGLISH.search(flat):
        return _around(flat, found.start(), found.end())
    at = [place for place, letter in enumerate(flat) if letter != " "]
    if found := _KOREAN.search("".join(flat[place] for place in at)):
        return _around(flat, at[found.start()], at[found.end() - 1] + 1)
    return ""


def _around(text: str, start: int, end: int) -> str:
    """Returns the sentence of a match, cut where it is long."""
    begin = max(text.rfind(mark, 0, start) for mark in (". ", "! ", "? ", "。")) + 1
    ends = [place for mark in (". ", "! ", "? ", "。") if (place := text.find(mark, end)) >= 0]
    sentence = text[begin : min(ends, default=len(text)) + 1].strip()
    return sentence if len(sentence) <= _SHOWN else text[start : start + _SHOWN].strip() + "..."
