"""Entities: texts with a type, out of tags of tokens, of a table's cell, or of what a model wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from harness.metrics.lists import is_nothing, listed
from harness.text import words

__all__ = ["Entity", "entities_of", "parse_entities", "tagged"]

Entity = tuple[str, str]
"""Type and text."""
_TAG = re.compile(r"(?P<prefix>[BIOESLU])(?:[-_](?P<type>.+))?")
_TYPES = words("type label entity_type entity_group category class tag 유형 종류")
_TEXTS = ("text", "entity", "word", "name", "mention", "span", "value", "텍스트", "개체")
_LINE = re.compile(r"(?P<left>[^:：]{1,60}?)\s*[:：]\s*(?P<right>.+)")
_BRACKETED = re.compile(r"(?P<text>.+?)\s*[(\[](?P<type>[^()\[\]]+)[)\]]\.?")
_QUOTES = "\"'“”‘’`* "


def tagged(tokens: Sequence[str], tags: Sequence[str]) -> list[Entity]:
    """Joins tagged tokens to entities, in order.

    IOB1, IOB2, BIOES and BILOU are read alike, by the rule of the CoNLL-2000 scorer and of seqeval:
    an entity begins at B, S or U, after O, E, S, L or U, and where the type changes.

    Raises:
        ValueError: There are more tokens than tags or the reverse, or a tag is none.
    """
    if len(tokens) != len(tags):
        raise ValueError(f"{len(tokens)} tokens and {len(tags)} tags")
    found: list[tuple[str, list[str]]] = []
    before, type_before = "O", ""
    for token, tag in zip(tokens, tags, strict=True):
        match = _TAG.fullmatch(tag.strip())
        if match is None or (match["prefix"] != "O") != bool(match["type"]):
            raise ValueError(f"{tag!r} is no tag: B-TYPE, I-TYPE, O")
        prefix, kind = match["prefix"], match["type"] or ""
        if prefix != "O":
            if prefix in "BSU" or before in "OESLU" or kind != type_before:
                found.append((kind, []))
            found[-1][1].append(token)
        before, type_before = prefix, kind
    return [(kind, " ".join(words)) for kind, words in found]


def entities_of(data: object) -> list[Entity] | None:
    """Reads a list of ``{"text": ..., "type": ...}``, or an object of texts by type; None otherwise."""
    if isinstance(data, dict):
        lists = [value for value in data.values() if isinstance(value, list)]
        if len(data) == 1 and lists and all(isinstance(each, dict) for each in lists[0]):
            return entities_of(lists[0])  # {"entities": [...]}
        if one := _entity(data):
            return [one]
        pairs = [(kind, each) for kind, value in data.items() for each in _texts(value)]
        return pairs if all(each for _, each in pairs) else None
    if not isinstance(data, list):
        return None
    found = [_entity(each) for each in data]
    named = [each for each in found if each is not None]
    return named if len(named) == len(found) else None


def _texts(value: object) -> list[str]:
    if isinstance(value, list):
        return [each if isinstance(each, str) else "" for each in value]
    return [value] if isinstance(value, str) else [""]


def _entity(item: object) -> Entity | None:
    if isinstance(item, Mapping):
        lowered = {str(key).casefold(): value for key, value in item.items()}
        kind = next((lowered[name] for name in _TYPES if isinstance(lowered.get(name), str)), "")
        text = next((lowered[name] for name in _TEXTS if isinstance(lowered.get(name), str)), "")
        return (kind, text) if kind and text else None
    if isinstance(item, (list, tuple)) and len(item) == 2 and all(isinstance(e, str) for e in item):
        return item[1], item[0]  # ["Kim", "PER"]
    return None


def parse_entities(text: str, types: Sequence[str] = ()) -> list[Entity] | None:
    """Reads entities that a model wrote: JSON, or lines ``type: text``; None where there are none.

    With `types`, other case is forgiven, and ``text: type`` and ``text (type)`` are read, too; lines
    that are none are passed over, unless no line is one. An answer that there is none is [].
    """
    data, lines = listed(text)
    if data is not None and (found := entities_of(data)) is not None:
        return [(_known(kind, types) or kind.strip(), each) for kind, each in found]
    if not lines or is_nothing(lines[0]):
        return [] if lines else None
    parts = lines if len(lines) > 1 else re.split(r";\s+", lines[0])
    return list(filter(None, (_of_line(part, types) for part in parts))) or None


def _of_line(line: str, types: Sequence[str]) -> Entity | None:
    for kind, text in _readings(line):
        known = _known(kind, types)
        if known and text.strip(_QUOTES):
            return known, text.strip(_QUOTES)
    return None


def _readings(line: str) -> Iterator[Entity]:
    if match := _LINE.fullmatch(line):
        yield match["left"], match["right"]
    left, colon, right = line.rpartition(":")
    if colon:
        yield right, left
    if match := _BRACKETED.fullmatch(line):
        yield match["type"], match["text"]


def _known(kind: str, types: Sequence[str]) -> str:
    """Returns a type as the task writes it; where it names no types, any."""
    bare = kind.strip(_QUOTES)
    if not types:
        return bare
    return next((each for each in types if each.casefold() == bare.casefold()), "")
