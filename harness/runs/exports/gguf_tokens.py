"""A tokenizer as llama.cpp has it: its words, how they are joined, and how a text is cut first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from harness.errors import MissingDependency, UsageError
from harness.models.serving import PROGRAMS, Settings, serving
from harness.models.serving.wire import ask
from harness.models.sources.gguf import PROBES, splits
from harness.records.files import Json

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedConfig, PreTrainedTokenizerBase

__all__ = ["compared", "not_faithful", "write_tokens"]

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)  # llama.cpp's numbers
MORE_PROBES = (
    "  3333 12\u00bd\n\n\n b\r\n",
    "I'M sure we'LL (x^2); \u4e2d\u6587\u5b57",
    " ",
    "\n",
    "",
)
NEXT = (
    "Export with --to vllm, and convert that folder with llama.cpp's own converter: "
    "python convert_hf_to_gguf.py FOLDER --outtype q8_0"
)
IGNORE_MERGES = ("llama3", "tekken")  # a piece that is a token is one, however it would be joined
SPACE = "\u2581"  # SentencePiece's letter for a space


def compared(file: Path, folder: Path) -> str:
    """Compares llama.cpp's tokens of a few texts with the model's own; returns how that ended.

    Raises:
        UsageError: They differ, so that the model would answer to other tokens than it learnt.
    """
    from harness.models.local.model import tokenizer_of

    try:
        PROGRAMS["llama.cpp"].found()
    except MissingDependency as error:
        return f"not compared: {error.hint}"
    tokenizer = tokenizer_of(folder)
    texts = [*PROBES, *MORE_PROBES, " ".join(tokenizer.all_special_tokens)]
    with serving("llama.cpp", file, Settings(context_length=512, parallel=1)) as served:
        url = f"{served.base_url.removesuffix('/v1')}/tokenize"
        for text in texts:
            body = {"content": text, "add_special": True, "parse_special": True}
            found, own = ask(url, body, 60.0).get("tokens"), tokenizer(text).input_ids
            if found != own:
                raise UsageError(
                    f"llama.cpp {served.version} gives {text!r} other tokens than the model has: "
                    f"{found} instead of {own}",
                    NEXT,
                )
        return f"{len(texts)} texts have the same in llama.cpp {served.version}"


def not_faithful(what: str) -> UsageError:
    """Says that something isn't written as GGUF, since it isn't known to be the same there."""
    return UsageError(f"{what} isn't known to be the same in a GGUF file", NEXT)


def write_tokens(writer: GGUFWriter, folder: Path, config: PreTrainedConfig, rows: int) -> None:
    """Writes a folder's tokenizer; `rows` is how many tokens the embeddings have.

    Raises:
        UsageError: llama.cpp has no tokenizer that is known to give the same tokens.
    """
    from harness.models.local.model import tokenizer_of

    tokenizer = tokenizer_of(folder)
    written = json.loads(tokenizer.backend_tokenizer.to_str())
    model = written["model"]
    if model["type"] != "BPE":
        raise not_faithful(f"a tokenizer of type {model['type']}")
    words = {id_: word for word, id_ in tokenizer.get_vocab().items() if id_ < rows}
    texts = [words.get(id_, f"[PAD{id_}]") for id_ in range(rows)]
    added = {token["id"]: token["special"] for token in written["added_tokens"]}
    kinds = [
        (CONTROL if added[id_] else USER_DEFINED) if id_ in added
        else NORMAL if id_ in words else UNUSED
        for id_ in range(rows)
    ]  # fmt: skip
    if model["byte_fallback"]:
        _write_sentence_pieces(writer, written, texts, kinds)
    else:
        _write_byte_level(writer, written, texts, kinds)
    _write_specials(writer, tokenizer, folder, config)


def _write_byte_level(
    writer: GGUFWriter, written: Json, texts: list[str], kinds: list[int]
) -> None:
    if (written["normalizer"] or {"type": "NFC"})["type"] != "NFC":
        raise not_faithful(f"a tokenizer that normalises by {written['normalizer']['type']}")
    cut = _cut_by(written["pre_tokenizer"])
    if written["model"]["ignore_merges"] != (cut in IGNORE_MERGES):
        raise not_faithful("a tokenizer that joins whole words in another way")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(cut)
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in written["model"]["merges"]])


def _cut_by(cutter: Json | None) -> str:
    """Returns llama.cpp's name of how a text is cut before it becomes tokens."""
    steps = (cutter or {}).get("pretokenizers", [cutter or {}])
    last = steps[-1]
    if last.get("type") == "ByteLevel" and not last["add_prefix_space"]:
        first = steps[:-1]
        if not first and last["use_regex"]:
            return "gpt-2"
        if len(first) == 1 and first[0]["type"] == "Digits" and first[0]["individual_digits"]:
            if last["use_regex"]:
                return "smollm"
        elif len(first) == 1 and first[0]["type"] == "Split" and not last["use_regex"]:
            pattern = first[0]["pattern"].get("Regex")
            for name, split in splits().items():
                if split == pattern and first[0]["behavior"] == "Isolated":
                    return name
    raise not_faithful("a tokenizer that cuts texts in its own way")


def _write_sentence_pieces(
    writer: GGUFWriter, written: Json, texts: list[str], kinds: list[int]
) -> None:
    """Writes words with scores: the earlier a word's parts are joined, the higher its score."""
    merges = written["model"]["merges"]
    joined: dict[str, int] = {}
    for rank, pair in enumerate(merges):
        joined.setdefault("".join(pair), rank)
    for id_, word in enumerate(texts):
        if kinds[id_] == USER_DEFINED:
            texts[id_] = word.replace(SPACE, " ")
        elif word == written["model"]["unk_token"]:
            kinds[id_] = UNKNOWN
        elif kinds[id_] == NORMAL and len(word) == 6 and word.startswith("<0x"):
            kinds[id_] = BYTE
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(texts)
    writer.add_token_scores([-float(joined.get(word, len(merges) + 1)) for word in texts])
    writer.add_token_types(kinds)
    writer.add_add_space_prefix(_puts_a_space_first(written))


def _puts_a_space_first(written: Json) -> bool:
    """Whether a text gets a space in front of it; other normalising isn't known to llama.cpp."""
    normalizer, cutter = written["normalizer"] or {}, written["pre_tokenizer"] or {}
    steps = [step for step in normalizer.get("normalizers", [normalizer]) if step]
    known = all(
        step == {"type": "Prepend", "prepend": SPACE}
        or step == {"type": "Replace", "pattern": {"String": " "}, "content": SPACE}
        for step in steps
    )
    if known and cutter.get("type") == "Metaspace" and not steps:
        return bool(cutter["prepend_scheme"] != "never")
    if known and cutter.get("type", "Split") == "Split" and steps:
        return bool(steps[0]["type"] == "Prepend")
    raise not_faithful("a tokenizer that normalises texts in its own way")


def _write_specials(
    writer: GGUFWriter, tokenizer: PreTrainedTokenizerBase, folder: Path, config: PreTrainedConfig
) -> None:
    """Writes what begins a text and ends an answer, and the chat template."""
    from transformers import GenerationConfig

    begin, end = tokenizer.bos_token_id, tokenizer.eos_token_id
    empty = tokenizer("").input_ids
    ends = config.eos_token_id
    if (folder / "generation_config.json").is_file():
        ends = GenerationConfig.from_pretrained(str(folder)).eos_token_id or ends
    others = [id_ for id_ in (ends if isinstance(ends, list) else [ends]) if id_ not in (end, None)]
    if len(others) > 2:
        raise not_faithful(f"a model with {1 + len(others)} tokens that end an answer")
    for id_, write in (
        (begin, writer.add_bos_token_id),
        (end, writer.add_eos_token_id),
        (tokenizer.unk_token_id, writer.add_unk_token_id),
        (tokenizer.pad_token_id, writer.add_pad_token_id),
        *zip(others, (writer.add_eot_token_id, writer.add_eom_token_id), strict=False),
    ):
        if id_ is not None:
            write(id_)
    writer.add_add_bos_token(bool(empty) and empty[0] == begin)
    writer.add_add_eos_token(bool(empty) and empty[-1] == end)
    if isinstance(tokenizer.chat_template, str):
        writer.add_chat_template(tokenizer.chat_template)
