"""JSON, YAML and XML of the user's: parsed within bounds, whatever they hold."""

from __future__ import annotations

import ast
import contextlib
import json
import re
from collections import Counter
from collections.abc import Callable
from xml.etree import ElementTree

import yaml

from harness.decoding.text import decode
from harness.errors import DataError

__all__ = ["check_yaml", "literal", "parse_json", "parse_xml"]

MOST_CHARACTERS = 2_000_000  # of YAML
MOST_NODES = 100_000  # of YAML; what an alias stands for counts each time
MOST_TAGS = 5_000_000  # of XML
DEEPEST = 50
_DECLARED = re.compile(r"""<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["'][^>]*\?>""")


def parse_json(
    text: str,
    *,
    parse_float: Callable[[str], object] | None = None,
    object_pairs_hook: Callable[[list[tuple[str, object]]], object] | None = None,
) -> object:
    """Parses JSON as `json.loads` does; whatever is wrong is a `ValueError`."""
    try:
        return json.loads(text, parse_float=parse_float, object_pairs_hook=object_pairs_hook)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ArithmeticError as error:  # of a decimal number
        raise ValueError("a number is too large") from error
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        if "integer string conversion" not in str(error):
            raise
        raise ValueError("a number has thousands of digits") from error


def literal(text: str) -> object:
    """Reads a text that is one value, as JSON or as Python writes it; None where it is neither."""
    with contextlib.suppress(ValueError):
        return parse_json(text)
    with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return ast.literal_eval(text.strip())
    return None


def check_yaml(text: str, name: str) -> None:
    """Looks at a YAML text before anything is made of it.

    Raises:
        DataError: It is too long or too deep, or its aliases stand for too much.
        yaml.YAMLError: It is no YAML.
    """
    if len(text) > MOST_CHARACTERS:
        raise DataError(
            f"{name} has {len(text):,} characters, {MOST_CHARACTERS:,} are read",
            "Divide it; rows belong into a table.",
        )
    sizes: dict[str, int] = {}  # by anchor: nodes below it
    begun: list[tuple[str | None, int]] = []  # open collections: anchor, and nodes before
    nodes = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):  # one by one: nothing is built yet
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = begun.pop()
            sizes |= {anchor: nodes - before} if anchor else {}
        elif isinstance(event, yaml.AliasEvent):
            if any(event.anchor == anchor for anchor, _ in begun):
                raise _refused(name, event, f"*{event.anchor} stands inside itself")
            nodes += sizes.get(event.anchor or "", 1)
        elif isinstance(event, yaml.NodeEvent):
            nodes += 1
            if isinstance(event, yaml.CollectionStartEvent):
                begun.append((event.anchor, nodes - 1))
        if len(begun) > DEEPEST:
            raise _refused(name, event, f"nested deeper than {DEEPEST} levels")
        if nodes > MOST_NODES:
            raise _refused(name, event, f"more than {MOST_NODES:,} values, aliases written out")


def _refused(name: str, event: yaml.Event, why: str) -> DataError:
    line = event.start_mark.line + 1 if event.start_mark else 1
    return DataError(f"{name}, line {line}: {why}", "Write less, and flatter.")


def parse_xml(data: bytes, name: str) -> object:
    """Parses XML to objects, lists and texts.

    An element's attributes and children are the fields of an object. An element whose children have
    one tag, in any place several of it, is a list of them.

    Raises:
        DataError: It is no XML, declares entities, or has too many tags or levels.
    """
    if b"<!ENTITY" in data.replace(b"\0", b""):
        raise DataError(f"{name} declares XML entities", "Leave them out: they aren't read.")
    if data.count(b"<") > MOST_TAGS:
        raise DataError(f"{name} has more than {MOST_TAGS:,} tags of XML", "Divide it.")
    declared = _DECLARED.search(data[:200].decode("ascii", "replace"))
    try:
        text, _ = decode(data, declared[1] if declared else "")
    except DataError as error:
        raise DataError(f"{name} {error.message}", error.hint) from error
    try:
        root = ElementTree.fromstring(_DECLARED.sub("", text.lstrip("\ufeff"), count=1).strip())
    except ElementTree.ParseError as error:
        raise DataError(
            f"{name} is no XML ({error})", "It may be cut off: copy it again."
        ) from error
    several = {each.tag for each in root.iter() if len(each) > 1 and _one_tag(each)}
    return _element(root, several, name, 0)


def _one_tag(element: ElementTree.Element) -> bool:
    return len({child.tag for child in element}) == 1


def _element(element: ElementTree.Element, several: set[str], name: str, depth: int) -> object:
    if depth > DEEPEST:
        raise DataError(f"{name} is nested deeper than {DEEPEST} levels", "Write it flatter.")
    inner = [(each.tag.rpartition("}")[2], _element(each, several, name, depth + 1)) for each in element]  # fmt: skip
    own = {key.rpartition("}")[2]: value for key, value in element.attrib.items()}
    if element.tag in several and not own and (not inner or _one_tag(element)):
        return [value for _, value in inner]
    text = "".join(element.itertext()).strip()
    if not inner:
        return {**own, "text": text} if own and text else own or text
    mixed = "".join(filter(None, [element.text, *(each.tail for each in element)])).strip()
    made: dict[str, object] = {**own, "text": text} if mixed else dict(own)
    tags = Counter(tag for tag, _ in inner)
    for tag, value in inner:
        if tags[tag] == 1:
            made[tag] = value
        else:
            listed = made.setdefault(tag, [])
            assert isinstance(listed, list)
            listed.append(value)
    return made
