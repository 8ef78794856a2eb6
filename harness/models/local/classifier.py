"""A text encoder with a classification head (Devlin et al. 2019, arXiv 1810.04805).

The head is the one that transformers gives the encoder's family, and the folder is one that
transformers loads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import transformers
from torch.nn import functional
from transformers.models.auto.modeling_auto import MODEL_FOR_MASKED_LM_MAPPING_NAMES

from harness.devices import Device, make_room
from harness.errors import DataError, UsageError
from harness.models.local.forward import inference_mode, padded
from harness.models.local.model import quiet_libraries, tokenizer_of
from harness.models.local.sizes import context_length, encoder_info, loading
from harness.models.local.threads import settle
from harness.models.render import Encoded
from harness.records.model import ModelInfo
from harness.types import Usage

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

__all__ = ["LabelledText", "TextClassifier", "load_classifier"]

BATCH_POSITIONS = 4096
"""Positions that run at a time when nothing is trained."""
SHIFTED = ("roberta", "xlm-roberta", "camembert", "xlm-roberta-xl", "roberta-prelayernorm")
"""Families whose positions begin behind the padding token's number."""


@dataclass(frozen=True, slots=True)
class LabelledText(Encoded):
    """A text in tokens with its class: for the training loop a row with one label."""

    label: int


class TextClassifier:
    """An encoder with a head that has one output for each label."""

    def __init__(
        self,
        module: torch.nn.Module,
        tokenizer: PreTrainedTokenizerBase,
        device: Device,
        info: ModelInfo,
    ) -> None:
        self.module, self.tokenizer, self.device, self.info = module, tokenizer, device, info
        self.labels = tuple(module.config.id2label[n] for n in range(module.config.num_labels))
        self.pad_id = int(tokenizer.pad_token_id or 0)

    @property
    def window(self) -> int:
        """The most tokens of a text, those that the tokenizer adds included."""
        settings, most = self.module.config, int(self.tokenizer.model_max_length)
        positions = context_length(settings)
        if positions is None:  # they are relative
            return most
        if settings.model_type in SHIFTED:
            positions -= int(settings.pad_token_id) + 1
        return min(positions, most)

    def tokens(self, text: str, most: int | None = None) -> list[int]:
        """Returns a text's tokens, cut to so many; control tokens in it are read as text."""
        cut = {} if most is None else {"truncation": True, "max_length": most}
        ids: list[int] = self.tokenizer(text, split_special_tokens=True, **cut)["input_ids"]
        return ids

    def excess(self, most: int) -> Callable[[str], str]:
        """Returns what says how many tokens a text has that has more than so many."""

        def excess(text: str) -> str:
            if len(text.encode("utf-8", "replace")) + 2 <= most:  # a token has a byte or more
                return ""
            length = len(self.tokens(text))
            return f"{length:,} tokens, {most:,} fit" if length > most else ""

        return excess

    def labelled(self, ids: list[int], label: str) -> LabelledText:
        """Returns a text's tokens as a row to train on."""
        return LabelledText(ids, len(ids) - 1, self.labels.index(label))

    def loss(self, rows: Sequence[Encoded]) -> tuple[torch.Tensor, int]:
        """Returns the summed cross-entropy of rows, and the positions that ran."""
        logits, ran = self._logits([row.ids for row in rows])
        labels = [row.label for row in rows if isinstance(row, LabelledText)]
        targets = torch.tensor(labels, device=logits.device)
        return functional.cross_entropy(logits, targets, reduction="sum"), ran

    def probabilities(self, texts: Sequence[list[int]]) -> Iterator[tuple[list[float], Usage]]:
        """Yields the probability of each label, and what that took, in the order of the texts."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        found: dict[int, tuple[list[float], Usage]] = {}
        with inference_mode(self.module):
            for batch in _batches(order, [len(ids) for ids in texts]):
                settle(self.device.kind)
                logits, ran = self._logits([texts[at] for at in batch])
                values = logits.softmax(-1).tolist()
                width = ran // len(batch)
                for at, row in zip(batch, values, strict=True):
                    usage = Usage(len(texts[at]), computed_tokens=width, passes=int(at == batch[0]))
                    found[at] = row, usage
        return (found[at] for at in range(len(texts)))

    def _logits(self, texts: Sequence[list[int]]) -> tuple[torch.Tensor, int]:
        """Returns logits in float32, ``[texts, labels]``, and the positions that ran."""
        ids = padded(texts, self.pad_id, self.device.torch)
        lengths = torch.tensor([len(each) for each in texts], device=ids.device)
        mask = torch.arange(ids.shape[1], device=ids.device)[None] < lengths[:, None]
        logits = self.module(input_ids=ids, attention_mask=mask.long()).logits
        return logits.float(), ids.numel()

    def save(self, folder: Path) -> None:
        """Writes model and tokenizer, in the type that it answers with."""
        with quiet_libraries():
            self.module.to(self.device.torch_dtype).save_pretrained(str(folder))
            self.tokenizer.save_pretrained(str(folder))


def _batches(order: Sequence[int], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Divides texts that are sorted by length into batches of a bounded number of positions."""
    batch: list[int] = []
    for at in order:
        if batch and (len(batch) + 1) * lengths[at] > BATCH_POSITIONS:
            yield batch
            batch = []
        batch.append(at)
    if batch:
        yield batch


def load_classifier(
    folder: Path,
    name: str,  # of the encoder
    *,
    device: Device,
    labels: Sequence[str] | None = None,  # for a new head; None: a trained one is there
    info: ModelInfo | None = None,  # which encoder it was, where the folder holds a trained one
) -> TextClassifier:
    """Loads an encoder and gives it a head, or loads one that was trained.

    Raises:
        UsageError: It is no encoder.
        DataError: The folder can't be loaded, or lacks weights.
    """
    _check_kind(folder, name)
    make_room(device)
    options: dict[str, object] = {"dtype": device.torch_dtype, "output_loading_info": True}
    if labels is not None:
        options |= {
            "num_labels": len(labels),
            "id2label": dict(enumerate(labels)),
            "label2id": {label: number for number, label in enumerate(labels)},
            "ignore_mismatched_sizes": True,  # another head may be there
        }
    hint = "A folder needs config.json and its weights as safetensors, whole and of one model."
    with quiet_libraries(), loading(f"The encoder {name} can't be loaded", hint):
        tokenizer = tokenizer_of(folder)
        module, loaded = transformers.AutoModelForSequenceClassification.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            **options,
        )
    body = f"{module.base_model_prefix}."
    lacking = sorted(
        key
        for key in loaded["missing_keys"]
        if labels is None or (key.startswith(body) and ".pooler." not in key)
    )
    if lacking:  # they would be random
        raise DataError(
            f"The encoder {name} lacks {len(lacking)} of its weights, first {lacking[0]}",
            "Copy its folder again: config.json and *.safetensors don't belong together.",
        )
    module = module.to(device.torch).eval()
    info = replace(info, dtype=device.dtype) if info else encoder_info(module, name, folder)
    return TextClassifier(module, tokenizer, device, info)


def _check_kind(folder: Path, name: str) -> None:
    """Refuses what reads from left to right alone, or writes: a language model."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(
            f"The encoder {name} has no usable config.json", "Name a model's folder."
        ) from error
    kind = config.get("model_type")
    if kind not in MODEL_FOR_MASKED_LM_MAPPING_NAMES or config.get("is_encoder_decoder"):
        raise UsageError(
            f"{name} is no text encoder (its type is {kind})",
            "Name one like BERT, RoBERTa, ELECTRA or DeBERTa; lora tunes a language model.",
        )
