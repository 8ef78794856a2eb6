"""Turns a GGUF file into a folder that every part of the harness can load and train.

The weights are de-quantised into bfloat16. transformers loses two things of a GGUF tokenizer, which
are restored: some pre-tokenizers (without SmolLM2's split of digits before words, "\\n\\n1." gives
other tokens) and the context length.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import DataError, needs
from harness.models.sources.cache import ELSEWHERE, Notify, require_space
from harness.records.files import storage_errors

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

__all__ = ["GgufHeader", "convert", "read_header", "splits"]

# Raised whenever the same file would be converted into something else.
CONVERTER = 1

DIGITS_FIRST = {"smollm", "starcoder", "refact", "command-r", "codeshell"}
BYTE_LEVEL = {"gpt-2", "mpt", "olmo", "jais"}
PROBES = (
    "The 2019 net sales rose 12.5% to EUR 1,234.\n\n1. two  spaces\n\tand a tab",
    '보험계약자는 2.5년 안에 계약을 해지할 수 있습니다. "특약" 300만원…',
    "Où est l'assurance ? 😀",
)


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """What a GGUF file says about itself."""

    architecture: str
    tokenizer: str  # ``gpt2`` (byte-level BPE) or ``llama`` (SentencePiece)
    pre_tokenizer: str  # llama.cpp's name of it (``smollm``)
    context: int | None  # longest input, in tokens
    bos: int | None
    eos: int | None
    add_bos: bool | None  # whether each text begins with it; None where the file doesn't say
    chat: bool
    dense_bytes: int  # size of the weights in 16 bits


def read_header(path: Path) -> GgufHeader:
    """Reads a GGUF file's header.

    Raises:
        DataError: It isn't a GGUF file, or is cut off.
        MissingDependency: The package ``gguf`` isn't installed.
    """
    with needs("reading a GGUF file", "local"):
        from gguf import GGUFReader
    try:
        reader = GGUFReader(path)
    except (ValueError, IndexError, KeyError) as error:
        raise DataError(f"{path.name} is no GGUF file, or is cut off", "Fetch it again.") from error

    def field(name: str, default: Any = None) -> Any:
        value = reader.get_field(name)
        return default if value is None else value.contents()

    architecture = field("general.architecture", "")
    prefix = "tokenizer.ggml."
    return GgufHeader(
        architecture=architecture,
        tokenizer=field(f"{prefix}model", ""),
        pre_tokenizer=field(f"{prefix}pre", ""),
        context=field(f"{architecture}.context_length"),
        bos=field(f"{prefix}bos_token_id"),
        eos=field(f"{prefix}eos_token_id"),
        add_bos=field(f"{prefix}add_bos_token"),
        chat=reader.get_field("tokenizer.chat_template") is not None,
        dense_bytes=2 * sum(math.prod(int(n) for n in tensor.shape) for tensor in reader.tensors),
    )


def convert(gguf: Path, out: Path, notify: Notify = lambda text: None) -> GgufHeader:
    """Writes a GGUF file's weights (safetensors), configuration and tokenizer into a folder.

    Raises:
        DataError: The file is damaged, of an unknown architecture, or its tokenizer is lost.
        MissingDependency: torch, transformers or gguf isn't installed.
        StorageError: The disk is full.
    """
    header = read_header(gguf)
    require_space(out, header.dense_bytes + 2**26)
    with needs("converting a model", "local"):
        import torch  # noqa: F401
        import transformers  # noqa: F401
    with storage_errors(out, ELSEWHERE):
        _convert_weights(gguf, out)
        _convert_tokenizer(gguf, out, header, notify)
        for file in out.iterdir():
            if file.is_file():
                file.chmod(0o644)  # safetensors writes files that only their owner can read
    _check_tokenizer(out, header)
    return header


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Hides transformers' progress bars: not all of them obey its own switch."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


def _convert_weights(gguf: Path, out: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, GgufConfig

    with _quiet():
        try:
            model = AutoModelForCausalLM.from_pretrained(
                gguf.parent,
                gguf_file=gguf.name,
                quantization_config=GgufConfig(dequantize=True),  # or they stay packed
                dtype=torch.bfloat16,
                local_files_only=True,
            )
        except (ValueError, KeyError, NotImplementedError) as error:
            raise DataError(
                f"transformers can't read {gguf.name}: {error}",
                "Take the original weights instead (a folder with safetensors).",
            ) from error
        model.save_pretrained(out)


def _convert_tokenizer(gguf: Path, out: Path, header: GgufHeader, notify: Notify) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(
        gguf.parent, gguf_file=gguf.name, local_files_only=True
    )
    if header.tokenizer == "gpt2":
        _repair(tokenizer, header.pre_tokenizer, notify)
    if header.context:
        tokenizer.model_max_length = header.context
    tokenizer.save_pretrained(out)
    file = out / "tokenizer_config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    for key in ("is_local", "local_files_only"):  # how it was loaded, not what it is
        config.pop(key, None)
    file.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _repair(tokenizer: PreTrainedTokenizerFast, name: str, notify: Notify) -> None:
    """Restores a byte-level tokenizer's own pre-tokenizer, where it is known."""
    from tokenizers import pre_tokenizers

    if name in DIGITS_FIRST:
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [
                pre_tokenizers.Digits(individual_digits=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        )
    elif name not in BYTE_LEVEL and name not in splits():
        notify(
            f"The pre-tokenizer '{name}' is unknown: tokens may differ from the original model's"
        )


def splits() -> Mapping[str, str]:
    """Returns the pre-tokenizers that transformers itself has: llama.cpp's name and the pattern."""
    try:
        from transformers.integrations.gguf import gguf_tokenizer_mapping as mapping
    except ImportError:
        return {}
    return getattr(mapping, "GGUF_PRE_TOKENIZER_SPLITS", {})


def _check_tokenizer(folder: Path, header: GgufHeader) -> None:
    """Compares the saved tokenizer with the header, and decodes what it encoded."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    empty, lost = tokenizer("").input_ids, []
    if header.eos is not None and tokenizer.eos_token_id != header.eos:
        lost.append(f"its end token is {tokenizer.eos_token_id} instead of {header.eos}")
    if header.add_bos is not None and empty != ([header.bos] if header.add_bos else []):
        lost.append(f"an empty text becomes {empty}")
    if header.chat and not tokenizer.chat_template:
        lost.append("its chat template is gone")
    for text in PROBES:
        ids = tokenizer(text).input_ids
        if tokenizer.decode(ids, skip_special_tokens=True) != text:
            lost.append(f"it doesn't give back {text!r}")
    if lost:
        raise DataError(
            f"The tokenizer doesn't survive its conversion: {'; '.join(lost)}",
            "Take the original model instead (a folder with safetensors and tokenizer.json).",
        )
